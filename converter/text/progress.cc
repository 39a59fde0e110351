#include "converter/text/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace dinghy::converter {
namespace {

using Clock = std::chrono::steady_clock;
// The first line comes late, so that quick work shows none.
constexpr auto kDelay = std::chrono::milliseconds(500);
constexpr auto kInterval = std::chrono::milliseconds(200);

bool as_lines() {
  const char* form = std::getenv("DINGHY_PROGRESS");
  return form != nullptr && std::string_view(form) == "lines";
}

}  // namespace

Progress::Progress(std::string what, std::uint64_t total)
    : what_(std::move(what)),
      total_(total),
      next_(Clock::now() + kDelay),
      lines_(as_lines()),
      terminal_(!lines_ && isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  if (drawn_) std::fprintf(stderr, "\r\033[K");
}

void Progress::update(std::uint64_t done, std::uint64_t items) {
  if (!(lines_ || terminal_) || Clock::now() < next_) return;
  next_ = Clock::now() + kInterval;
  drawn_ = terminal_;
  std::fprintf(stderr, "%s%s: %llu", lines_ ? "progress: " : "\r\033[K", what_.c_str(),
               static_cast<unsigned long long>(items));
  if (total_) {
    const double share = std::min(1.0, static_cast<double>(done) / static_cast<double>(total_));
    std::fprintf(stderr, " (%.0f %%)", 100 * share);
  }
  if (lines_) std::fputc('\n', stderr);
  std::fflush(stderr);
}

}  // namespace dinghy::converter
