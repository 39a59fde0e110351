// Arrays as .npy files, for other engines to read the same numbers.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace dinghy::bench {

/// Row-major; the product of `shape` is the size of `numbers`. Throw converter::Error when the file cannot be written.
void write_npy(const std::string& path, const std::vector<std::size_t>& shape, std::span<const float> numbers);
void write_npy(const std::string& path, const std::vector<std::size_t>& shape, std::span<const std::int64_t> numbers);

}  // namespace dinghy::bench
