// An .npz that a test makes, or changes before it is converted.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace dinghy::converter {

class NpzFile {
 public:
  NpzFile() = default;
  explicit NpzFile(const std::string& path);

  std::vector<std::int64_t> shape(const std::string& name) const;
  std::vector<float> numbers(const std::string& name) const;
  /// Adds or replaces an array.
  void set(const std::string& name, std::vector<std::int64_t> shape, std::vector<float> numbers);
  void remove(const std::string& name);

  /// All arrays as float32.
  void write(const std::string& path) const;

 private:
  struct Array {
    std::string name;
    std::vector<std::int64_t> shape;
    std::vector<float> numbers;
  };
  const Array& array(const std::string& name) const;

  std::vector<Array> arrays_;
};

}  // namespace dinghy::converter
