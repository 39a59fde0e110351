#include "converter/readers/torch/zip.h"

#include <algorithm>

#include "converter/error.h"
#include "converter/readers/torch/object.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

constexpr std::uint64_t kMaxPickle = std::uint64_t{512} << 20;

bool is_named(const std::string& member, const std::string& name) {
  return member == name || member.ends_with("/" + name);
}

bool is_torchscript(const Archive& archive) {
  return std::ranges::any_of(archive.names(), [](const std::string& member) {
    return is_named(member, "constants.pkl") || member.starts_with("code/") ||
           member.find("/code/") != std::string::npos;
  });
}

std::string pickle_member(const Archive& archive) {
  std::string found;
  for (const std::string& member : archive.names()) {
    if (!is_named(member, "data.pkl")) continue;
    if (!found.empty()) throw Error(archive.path(), "has more than one data.pkl; it is not from torch.save");
    found = member;
  }
  if (found.empty()) {
    throw Error(archive.path(), "lacks data.pkl, the part of a PyTorch file that names its tensors; save it again");
  }
  return found;
}

void check_byte_order(const Archive& archive, const std::string& folder) {
  const std::string member = folder + "byteorder";
  if (!archive.contains(member)) return;  // before torch 2.1: little
  const std::vector<std::byte> text = archive.bytes(member, 64);
  if (std::string_view(reinterpret_cast<const char*>(text.data()), text.size()) == "little") return;
  throw Error(archive.place(member), "is not 'little'; load and save the file on a little-endian machine");
}

// Hands the pickle, its tensors and its place to `use`.
template <class Use>
auto open_pickle(const std::shared_ptr<const Archive>& archive, const Use& use) {
  const std::string member = pickle_member(*archive);
  const std::string folder = member.substr(0, member.size() - std::string_view("data.pkl").size());
  check_byte_order(*archive, folder);
  const std::string where = archive->place(member);
  const auto bytes = std::make_shared<const std::vector<std::byte>>(archive->bytes(member, kMaxPickle));
  const Pickle pickle = Pickle::parse(bytes, 0, where);
  TorchTensors tensors(pickle, where, [&](const std::string& key) { return archive->storage(folder + "data/" + key); });
  return use(pickle, tensors, where);
}

}  // namespace

bool is_torch_zip(const Archive& archive) {
  return is_torchscript(archive) || std::ranges::any_of(archive.names(), [](const std::string& member) {
           return is_named(member, "data.pkl") || is_named(member, "data/0");
         });
}

Checkpoint read_torch_zip(const std::shared_ptr<const Archive>& archive) {
  if (is_torchscript(*archive)) {
    throw Error(archive->path(),
                "is TorchScript, a program; convert its weights: "
                "torch.save(torch.jit.load(PATH).state_dict(), 'model.pth')");
  }
  Checkpoint checkpoint{archive->path(), "", {}, {}};
  open_pickle(archive, [&](const Pickle& pickle, TorchTensors& tensors, const std::string& where) {
    read_torch_object(pickle, tensors, "zip", where, checkpoint);
  });
  return checkpoint;
}

Tensor read_torch_zip_tensor(const std::shared_ptr<const Archive>& archive, const std::string& name) {
  return open_pickle(archive, [&](const Pickle& pickle, TorchTensors& tensors, const std::string& where) {
    const PickleNode& root = pickle[pickle.root()];
    if (!tensors.is_tensor(root)) throw Error(where, "is not the tensor " + in_quotes(name) + ": the file is damaged");
    return tensors.read(root, name);
  });
}

}  // namespace dinghy::converter
