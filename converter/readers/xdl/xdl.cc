#include "converter/readers/xdl/xdl.h"

#include <algorithm>
#include <filesystem>

#include "converter/error.h"
#include "converter/readers/numpy/npy.h"
#include "converter/readers/path_inside.h"
#include "converter/readers/xdl/conf.h"
#include "converter/readers/xdl/table.h"
#include "converter/text/text_lines.h"

namespace dinghy::converter {
namespace {

namespace fs = std::filesystem;

void read_tables(const fs::path& folder, Checkpoint& checkpoint) {
  const std::string list = path_inside(folder.string(), "sparse.txt", folder.string());
  TextLines lines(list, "it names the tables of an XDL folder");
  for (std::string name; lines.next(name);) {
    if (name.empty()) continue;
    auto [rows, ids] = read_xdl_table(path_inside(folder.string(), name, list), name);
    checkpoint.files.push_back(name);
    checkpoint.tensors.push_back(std::move(rows));
    checkpoint.tensors.push_back(std::move(ids));
  }
}

void read_confs(const fs::path& folder, Checkpoint& checkpoint) {
  std::vector<fs::path> confs;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".conf") confs.push_back(entry.path());
  }
  std::ranges::sort(confs);  // folders have no order of their own
  for (const fs::path& conf : confs) {
    const std::string path = path_inside(folder.string(), conf.filename().string(), folder.string());
    for (auto& fact : read_xdl_conf(path)) checkpoint.facts.push_back(std::move(fact));
    checkpoint.files.push_back(conf.filename().string());
  }
}

}  // namespace

Checkpoint read_xdl(const std::string& path) {
  const fs::path folder(path);
  const fs::path dense = folder / "dense.npz";
  if (!fs::exists(dense) || !fs::exists(folder / "sparse.txt")) {
    throw Error(path, "is a folder, but no XDL checkpoint: dense.npz and sparse.txt are not both in it");
  }
  Checkpoint checkpoint = read_npz(*Archive::open(path_inside(path, "dense.npz", path)));
  checkpoint.path = path;
  checkpoint.format = "xdl";
  checkpoint.files = {"dense.npz", "sparse.txt"};
  for (Tensor& tensor : checkpoint.tensors) std::ranges::replace(tensor.name, '$', '/');
  read_tables(folder, checkpoint);
  read_confs(folder, checkpoint);
  std::ranges::sort(checkpoint.files);
  return checkpoint;
}

}  // namespace dinghy::converter
