// Memory for a memo's containers, and threads that use them at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

namespace dinghy::tests {

/// `bytes` zeros that start on a cache line.
class Block {
 public:
  explicit Block(std::uint64_t bytes) : lines_(static_cast<std::size_t>((bytes + 63) / 64)) {}

  std::byte* data() { return lines_.front().bytes; }
  const std::byte* data() const { return lines_.front().bytes; }
  std::size_t size() const { return lines_.size() * sizeof(Line); }

 private:
  struct alignas(64) Line {
    std::byte bytes[64] = {};
  };
  std::vector<Line> lines_;
};

/// Runs `call(0)` … `call(count - 1)` at once, each on a thread of its own.
template <class Call>
void on_threads(std::size_t count, Call call) {
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < count; ++t) threads.emplace_back([&call, t] { call(t); });
  for (std::thread& thread : threads) thread.join();
}

}  // namespace dinghy::tests
