#include "tests/converter/npz_file.h"

#include <algorithm>
#include <stdexcept>

#include "converter/readers/read_checkpoint.h"
#include "tests/converter/readers/odd_files.h"

namespace dinghy::converter {
namespace {

std::string npy_bytes(const std::vector<std::int64_t>& shape, const std::vector<float>& numbers) {
  std::string extents;
  for (const std::int64_t extent : shape) extents += std::to_string(extent) + ",";
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + extents + "), }\n";
  header.insert(header.size() - 1, (64 - (10 + header.size()) % 64) % 64, ' ');
  const auto size = static_cast<std::uint16_t>(header.size());
  return std::string("\x93NUMPY\x01\x00", 8) + test::bytes_of<std::uint16_t>({size}) + header + test::bytes_of(numbers);
}

}  // namespace

NpzFile::NpzFile(const std::string& path) {
  for (const Tensor& tensor : read_checkpoint(path).tensors) {
    const std::vector<double> values = tensor.values();
    arrays_.push_back({tensor.name, tensor.shape, {values.begin(), values.end()}});
  }
}

std::vector<std::int64_t> NpzFile::shape(const std::string& name) const { return array(name).shape; }

std::vector<float> NpzFile::numbers(const std::string& name) const { return array(name).numbers; }

void NpzFile::set(const std::string& name, std::vector<std::int64_t> shape, std::vector<float> numbers) {
  const auto found = std::ranges::find(arrays_, name, &Array::name);
  Array changed = {name, std::move(shape), std::move(numbers)};
  if (found == arrays_.end())
    arrays_.push_back(std::move(changed));
  else
    *found = std::move(changed);
}

void NpzFile::remove(const std::string& name) {
  std::erase_if(arrays_, [&](const Array& array) { return array.name == name; });
}

void NpzFile::write(const std::string& path) const {
  std::vector<test::Member> members;
  for (const Array& array : arrays_) members.push_back({array.name + ".npy", npy_bytes(array.shape, array.numbers)});
  test::write_zip(path, members);
}

const NpzFile::Array& NpzFile::array(const std::string& name) const {
  const auto found = std::ranges::find(arrays_, name, &Array::name);
  if (found == arrays_.end()) throw std::runtime_error("no array " + name);
  return *found;
}

}  // namespace dinghy::converter
