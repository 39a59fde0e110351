// One message of a protobuf file, field by field, without loading it: tables of gigabytes stay where they are in the
// file. Fields are known by number, so no generated code is needed and unknown ones are skipped.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "converter/tensor.h"

namespace dinghy::converter {

/// Where a field's bytes lie in the storage.
struct ByteRange {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

/// Walks over the fields of a message: `while (message.next()) switch (message.field()) …`. Throws Error at `where` for
/// bytes that are no protobuf message.
class ProtobufMessage {
 public:
  ProtobufMessage(std::shared_ptr<const Storage> storage, std::string where);

  /// Goes to the next field; false at the end of the message.
  bool next();
  std::uint32_t field() const { return field_; }

  /// The value of the field; throws Error when its wire type is another.
  std::uint64_t varint() const;
  std::uint32_t fixed32() const;
  float float32() const;
  double float64() const;
  /// The bytes of a text, a nested message or packed numbers.
  ByteRange bytes() const;
  bool is_bytes() const { return type_ == kBytes; }
  /// Well-formed UTF-8, as protobuf's texts have to be: it may stand in an error.
  std::string text() const;
  ProtobufMessage message() const;
  /// Appends the numbers of a repeated varint field, packed or not.
  void append_varints(std::vector<std::int64_t>& numbers) const;
  /// Appends those of a repeated float field, packed or not; of a repeated double field.
  void append_floats(std::vector<double>& numbers) const;
  void append_doubles(std::vector<double>& numbers) const;

  [[noreturn]] void fail(const std::string& what) const;

 private:
  enum WireType { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

  // The bytes around the place where the walk is, shared with the nested messages.
  struct Window {
    std::shared_ptr<const Storage> storage;
    std::string where;
    std::uint64_t begin = 0;
    std::vector<std::byte> bytes;
  };

  ProtobufMessage(std::shared_ptr<Window> window, ByteRange range);
  std::uint8_t byte_at(std::uint64_t offset) const;
  std::uint64_t read_varint(std::uint64_t& position, std::uint64_t end) const;
  std::uint64_t read_fixed(std::uint64_t position, int count) const;
  void require(WireType type) const;
  template <class Read>
  void append_fixed(WireType type, int size, Read read) const;

  std::shared_ptr<Window> window_;
  std::uint64_t position_, end_;
  std::uint32_t field_ = 0;
  WireType type_ = kVarint;
  std::uint64_t number_ = 0;  // of a varint or fixed field
  ByteRange bytes_;
};

}  // namespace dinghy::converter
