// HDF5 files for tests, as Keras writes them and as it never would.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace dinghy::converter::test {

class H5Writer {
 public:
  explicit H5Writer(const std::string& path);
  ~H5Writer();
  H5Writer(const H5Writer&) = delete;
  H5Writer& operator=(const H5Writer&) = delete;

  enum class Packing { none, gzip, scale_offset, elsewhere, compact, together };  // together: of another dataset

  void group(const std::string& path);
  /// float32 numbers; groups on the way are made.
  void dataset(const std::string& path, const std::vector<std::int64_t>& shape, const std::vector<float>& numbers,
               Packing packing = Packing::none);
  /// Float32 numbers with their bytes swapped, as a machine of the other kind writes them.
  void big_endian_dataset(const std::string& path, const std::vector<float>& numbers);
  /// Two raw bytes a number and the attribute dtype, as Keras 3 writes bfloat16.
  void bfloat16_dataset(const std::string& path, const std::vector<std::uint16_t>& numbers);
  /// A dataset that states numbers which nobody wrote.
  void unwritten_dataset(const std::string& path, std::int64_t count);
  /// The same, in chunks of `chunk` numbers.
  void unwritten_chunks(const std::string& path, std::int64_t count, std::int64_t chunk);

  /// A list of texts of fixed length, as Keras 2 writes them, or of any length, as Keras 3 does.
  void texts(const std::string& group, const std::string& attribute, const std::vector<std::string>& texts,
             bool fixed = true);
  /// One number, where a text is expected.
  void number(const std::string& group, const std::string& attribute, double number);
  void text(const std::string& group, const std::string& attribute, const std::string& text);

  void external_link(const std::string& path, const std::string& file, const std::string& object);
  void soft_link(const std::string& path, const std::string& target);
  void hard_link(const std::string& path, const std::string& target);

 private:
  std::int64_t file_;
};

}  // namespace dinghy::converter::test
