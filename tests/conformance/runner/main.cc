// Runs all conformance cases through the C API or the C++ API: dinghy_conformance c|cpp FOLDER
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <vector>

#include "tests/conformance/runner/steps.h"

namespace {

/// Prints a line for each case of the file; gives how many failed.
int run_file(const std::filesystem::path& path, const std::string& models, bool c, int& count) {
  std::ifstream file(path);
  const nlohmann::json content = nlohmann::json::parse(file);
  int failed = 0;
  for (const auto& one : content.at("cases")) {
    const auto binding = c ? dinghy::conformance::c_binding() : dinghy::conformance::cpp_binding();
    const std::string wrong = dinghy::conformance::run_case(one.at("steps"), models, *binding);
    const std::string name = path.stem().string() + ": " + one.at("name").get<std::string>();
    std::printf("%s %s%s%s\n", wrong.empty() ? "ok    " : "FAILED", name.c_str(), wrong.empty() ? "" : ": ",
                wrong.c_str());
    failed += !wrong.empty();
    ++count;
  }
  return failed;
}

}  // namespace

int main(int argc, char** argv) {
  const bool c = argc == 3 && std::strcmp(argv[1], "c") == 0;
  if (!c && !(argc == 3 && std::strcmp(argv[1], "cpp") == 0)) {
    std::fputs("usage: dinghy_conformance c|cpp FOLDER\n", stderr);
    return 2;
  }
  const std::filesystem::path folder = argv[2];
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "cases")) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  int failed = 0, count = 0;
  for (const auto& file : files) failed += run_file(file, (folder / "models").string(), c, count);
  std::printf("%d cases, %d failed\n", count, failed);
  return failed == 0 && count > 0 ? 0 : 1;
}
