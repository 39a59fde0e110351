#include "bench/workloads/npy_file.h"

#include "converter/model_file/output_file.h"

namespace dinghy::bench {
namespace {

// NumPy's format, version 1.0: magic, length of the header, a Python dictionary padded so that the numbers are aligned.
void write(const std::string& path, const char* type, const std::vector<std::size_t>& shape,
           std::span<const std::byte> bytes) {
  std::string header = std::string("{'descr': '") + type + "', 'fortran_order': False, 'shape': (";
  for (const std::size_t extent : shape) header += std::to_string(extent) + ",";
  header += ")}";
  constexpr std::size_t kPrefix = 10, kAlignment = 64;
  header.append(kAlignment - (kPrefix + header.size() + 1) % kAlignment, ' ');
  header += '\n';
  const std::string prefix = {'\x93',
                              'N',
                              'U',
                              'M',
                              'P',
                              'Y',
                              1,
                              0,
                              static_cast<char>(header.size() & 0xff),
                              static_cast<char>(header.size() >> 8)};
  converter::OutputFile file(path);
  file.write(std::as_bytes(std::span(prefix)));
  file.write(std::as_bytes(std::span(header)));
  file.write(bytes);
  file.commit();
}

}  // namespace

void write_npy(const std::string& path, const std::vector<std::size_t>& shape, std::span<const float> numbers) {
  write(path, "<f4", shape, std::as_bytes(numbers));
}

void write_npy(const std::string& path, const std::vector<std::size_t>& shape, std::span<const std::int64_t> numbers) {
  write(path, "<i8", shape, std::as_bytes(numbers));
}

}  // namespace dinghy::bench
