// A line of progress for long work: drawn on a terminal, silent in a pipe. For programs that show it themselves
// DINGHY_PROGRESS=lines makes each of them a line of its own, "progress: requests scored: 1200 (34 %)".
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace dinghy::converter {

class Progress {
 public:
  /// `what` says what is counted ("requests scored"), `total` how much there is to do, 0 when nobody knows.
  Progress(std::string what, std::uint64_t total);
  /// Clears the line, so that what is printed next stands alone.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Redraws the line, a few times a second at most. `items`: requests, rows … done so far, as people count them.
  void update(std::uint64_t done, std::uint64_t items);

 private:
  std::string what_;
  std::uint64_t total_;
  std::chrono::steady_clock::time_point next_;
  bool lines_, terminal_;
  bool drawn_ = false;
};

}  // namespace dinghy::converter
