// Files for the reader tests: temporary, small, and as odd as a test wants them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "converter/readers/read_checkpoint.h"
#include "tests/converter/temporary_folder.h"

namespace dinghy::converter::test {

struct Member {
  std::string name;
  std::string bytes;
  bool deflated = false;
};

/// Writes a zip with libzip.
void write_zip(const std::string& path, const std::vector<Member>& members);

/// A torch zip of this data.pkl and these storages, "0", "1" …
std::string write_torch_zip(const TemporaryFolder& folder, const std::string& pickle,
                            const std::vector<std::string>& storages = {});

/// tests/converter/readers/fixtures/NAME, written by make_fixtures.py.
std::string fixture(const std::string& name);

/// The message of the Error that reading `path` ends in; fails the test when there is none.
std::string error_of(const std::string& path);

/// Raw bytes of numbers, little-endian as everything here.
template <class Number>
std::string bytes_of(const std::vector<Number>& numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(Number)};
}

/// A pickle under construction, opcode by opcode.
class PickleAssembler {
 public:
  explicit PickleAssembler(int protocol = 2) { raw("\x80").byte(protocol); }

  PickleAssembler& raw(std::string_view bytes) {
    bytes_ += bytes;
    return *this;
  }
  PickleAssembler& byte(int value) {
    bytes_ += static_cast<char>(value);
    return *this;
  }
  PickleAssembler& text(std::string_view text) { return raw("X").u32(text.size()).raw(text); }
  PickleAssembler& number(std::int64_t value);
  PickleAssembler& global(std::string_view module, std::string_view name);
  PickleAssembler& u32(std::uint64_t value);

  /// The tensor that torch.save writes for this float storage.
  PickleAssembler& tensor(std::string_view key, std::int64_t numel, std::int64_t offset,
                          const std::vector<std::int64_t>& size, const std::vector<std::int64_t>& stride,
                          std::string_view storage_class = "FloatStorage");

  /// The whole pickle, with STOP.
  std::string stop() const { return bytes_ + "."; }
  /// The same, as what Pickle::parse takes.
  std::shared_ptr<const std::vector<std::byte>> bytes() const;

 private:
  PickleAssembler& tuple(const std::vector<std::int64_t>& numbers);

  std::string bytes_;
};

}  // namespace dinghy::converter::test
