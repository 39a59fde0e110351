// dinghy-device: a model on the machine that will run it. README.md says what the commands do.
#include <dirent.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "device/commands.h"

namespace dinghy::device {
namespace {

constexpr const char* kUsage =
    "usage: dinghy-device isas\n"
    "       dinghy-device selftest [--isa NAME] MODEL...\n"
    "       dinghy-device verify MODEL...\n"
    "       dinghy-device bench [--isa NAME] [--candidates N] [--history N] [--seconds S] MODEL...\n"
    "MODEL is a .dinghy file, or a folder of them.\n";

int bad_usage(const char* what, std::string_view which) {
  std::fprintf(stderr, "dinghy-device: %s '%.*s'\n%s", what, static_cast<int>(which.size()), which.data(), kUsage);
  return 2;
}

/// False unless `text` is a whole number from 1 to a million.
bool read_count(const char* text, std::size_t& count) {
  char* end = nullptr;
  const unsigned long value = std::strtoul(text, &end, 10);
  count = value;
  return end != text && *end == '\0' && *text != '-' && value >= 1 && value <= 1'000'000;
}

bool read_seconds(const char* text, double& seconds) {
  char* end = nullptr;
  seconds = std::strtod(text, &end);
  return end != text && *end == '\0' && seconds >= 0.01 && seconds <= 3600;
}

/// False for an option that there is not, or a value that it cannot have.
bool read_option(std::string_view name, const char* value, Options& options) {
  if (name == "--isa") {
    options.isa = value;
    return true;
  }
  if (name == "--candidates") return read_count(value, options.candidates);
  if (name == "--history") return read_count(value, options.history);
  return name == "--seconds" && read_seconds(value, options.seconds);
}

/// A file, or the models of a folder in the order of their names.
bool add_models(const std::string& path, std::vector<std::string>& models) {
  DIR* const folder = ::opendir(path.c_str());  // WASI's C++ library has no std::filesystem
  if (folder == nullptr) {
    models.push_back(path);
    return true;
  }
  const std::size_t before = models.size();
  while (const dirent* const entry = ::readdir(folder)) {
    if (std::string_view(entry->d_name).ends_with(".dinghy")) models.push_back(path + "/" + entry->d_name);
  }
  ::closedir(folder);
  std::sort(models.begin() + static_cast<std::ptrdiff_t>(before), models.end());
  return models.size() > before;
}

int run(int argc, char** argv) {
  if (argc < 2) return std::fputs(kUsage, stderr), 2;
  const std::string_view command = argv[1];
  Options options;
  for (int i = 2; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (!argument.starts_with("--")) {
      if (!add_models(argv[i], options.paths)) return bad_usage("no .dinghy file in the folder", argument);
    } else if (i + 1 == argc || !read_option(argument, argv[i + 1], options)) {
      return bad_usage("an option that there is not, or a value that it cannot have:", argument);
    } else {
      ++i;
    }
  }
  if (command == "isas") return print_isas() ? 0 : 1;
  if (options.paths.empty()) return bad_usage("no MODEL for", command);
  if (command == "selftest") return selftest(options) ? 0 : 1;
  if (command == "verify") return verify(options) ? 0 : 1;
  if (command == "bench") return bench(options) ? 0 : 1;
  return bad_usage("no command", command);
}

}  // namespace
}  // namespace dinghy::device

int main(int argc, char** argv) { return dinghy::device::run(argc, argv); }
