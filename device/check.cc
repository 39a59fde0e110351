#include <cstdio>

#include "device/commands.h"
#include "dinghy/isa.h"
#include "dinghy/model.h"

namespace dinghy::device {
namespace {

/// Prints a line about `path`; true when `status` is no error.
bool tell(const std::string& path, const char* what, const Status& status) {
  if (status.ok()) {
    std::printf("%s: %s: right\n", path.c_str(), what);
  } else {
    std::fprintf(stderr, "dinghy-device: %s: %s: %s\n", path.c_str(), what, status.message());
  }
  return status.ok();
}

bool selftest_of(const std::string& path, const std::string& asked) {
  const auto model = Model::open(path.c_str());
  if (!model.ok()) return tell(path, "open", model.status());
  if (!asked.empty()) return tell(path, asked.c_str(), model->selftest(asked));
  bool right = true;
  for (const Isa& isa : isas()) {
    if (isa.available) right = tell(path, isa.name, model->selftest(isa.name)) && right;
  }
  return right;
}

}  // namespace

bool print_isas() {
  for (const Isa& isa : isas()) std::printf("%s%s\n", isa.name, isa.available ? "" : " (not on this processor)");
  return true;
}

bool selftest(const Options& options) {
  bool right = true;
  for (const std::string& path : options.paths) right = selftest_of(path, options.isa) && right;
  return right;
}

bool verify(const Options& options) {
  bool right = true;
  for (const std::string& path : options.paths) {
    const auto model = Model::open(path.c_str());
    right = tell(path, "verify", model.ok() ? model->verify() : model.status()) && right;
  }
  return right;
}

}  // namespace dinghy::device
