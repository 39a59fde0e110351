#include "converter/readers/protobuf/message.h"

#include <algorithm>
#include <bit>

#include "converter/error.h"
#include "converter/text/utf8.h"

namespace dinghy::converter {
namespace {

constexpr std::uint64_t kWindow = 1 << 16;

}  // namespace

ProtobufMessage::ProtobufMessage(std::shared_ptr<const Storage> storage, std::string where)
    : window_(std::make_shared<Window>(Window{std::move(storage), std::move(where), 0, {}})),
      position_(0),
      end_(window_->storage->size()) {}

ProtobufMessage::ProtobufMessage(std::shared_ptr<Window> window, ByteRange range)
    : window_(std::move(window)), position_(range.offset), end_(range.offset + range.size) {}

void ProtobufMessage::fail(const std::string& what) const { throw Error(window_->where, what); }

std::uint8_t ProtobufMessage::byte_at(std::uint64_t offset) const {
  Window& window = *window_;
  if (offset < window.begin || offset - window.begin >= window.bytes.size()) {
    window.begin = offset;
    window.bytes.resize(std::min(kWindow, window.storage->size() - offset));
    window.storage->read(offset, window.bytes);
  }
  return static_cast<std::uint8_t>(window.bytes[offset - window.begin]);
}

std::uint64_t ProtobufMessage::read_varint(std::uint64_t& position, std::uint64_t end) const {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    if (position >= end) fail("ends inside a number; the file is damaged or incomplete");
    const std::uint64_t byte = byte_at(position++);
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  fail("has a number of more than ten bytes; the file is damaged");
}

std::uint64_t ProtobufMessage::read_fixed(std::uint64_t position, int count) const {
  std::uint64_t value = 0;
  for (int i = 0; i < count; ++i) value |= std::uint64_t{byte_at(position + static_cast<std::uint64_t>(i))} << (8 * i);
  return value;
}

bool ProtobufMessage::next() {
  if (position_ >= end_) return false;
  const std::uint64_t tag = read_varint(position_, end_);
  field_ = static_cast<std::uint32_t>(tag >> 3);
  type_ = static_cast<WireType>(tag & 7);
  if (field_ == 0 || tag >> 32 != 0) fail("has a field without a number; the file is damaged");
  const auto skip = [&](std::uint64_t count) {
    if (count > end_ - position_) fail("ends inside field " + std::to_string(field_) + "; the file is damaged");
    position_ += count;
  };
  switch (type_) {
    case kVarint:
      number_ = read_varint(position_, end_);
      return true;
    case kBytes:
      bytes_.size = read_varint(position_, end_);
      bytes_.offset = position_;
      skip(bytes_.size);
      return true;
    case kFixed64:
    case kFixed32: {
      const int size = type_ == kFixed64 ? 8 : 4;
      skip(static_cast<std::uint64_t>(size));
      number_ = read_fixed(position_ - static_cast<std::uint64_t>(size), size);
      return true;
    }
  }
  fail("has a field of an unknown kind; the file is damaged");
}

void ProtobufMessage::require(WireType type) const {
  if (type_ != type) fail("has field " + std::to_string(field_) + " of an unexpected kind; the file is damaged");
}

std::uint64_t ProtobufMessage::varint() const {
  require(kVarint);
  return number_;
}

std::uint32_t ProtobufMessage::fixed32() const {
  require(kFixed32);
  return static_cast<std::uint32_t>(number_);
}

float ProtobufMessage::float32() const { return std::bit_cast<float>(fixed32()); }

double ProtobufMessage::float64() const {
  require(kFixed64);
  return std::bit_cast<double>(number_);
}

ByteRange ProtobufMessage::bytes() const {
  require(kBytes);
  return bytes_;
}

std::string ProtobufMessage::text() const {
  const ByteRange range = bytes();
  std::string text(range.size, '\0');
  window_->storage->read(range.offset, std::as_writable_bytes(std::span(text)));
  if (!is_utf8(text)) fail("has a text in field " + std::to_string(field_) + " that is not UTF-8; the file is damaged");
  return text;
}

ProtobufMessage ProtobufMessage::message() const { return {window_, bytes()}; }

void ProtobufMessage::append_varints(std::vector<std::int64_t>& numbers) const {
  if (!is_bytes()) return numbers.push_back(static_cast<std::int64_t>(varint()));
  std::uint64_t position = bytes_.offset;
  const std::uint64_t end = bytes_.offset + bytes_.size;
  while (position < end) numbers.push_back(static_cast<std::int64_t>(read_varint(position, end)));
}

template <class Read>
void ProtobufMessage::append_fixed(WireType type, int size, Read read) const {
  if (!is_bytes()) {
    require(type);
    return read(number_);
  }
  const auto step = static_cast<std::uint64_t>(size);
  if (bytes_.size % step != 0) fail("has packed numbers that end inside a number; the file is damaged");
  for (std::uint64_t i = 0; i < bytes_.size; i += step) read(read_fixed(bytes_.offset + i, size));
}

void ProtobufMessage::append_floats(std::vector<double>& numbers) const {
  append_fixed(kFixed32, 4, [&](std::uint64_t bits) {
    numbers.push_back(static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits))));
  });
}

void ProtobufMessage::append_doubles(std::vector<double>& numbers) const {
  append_fixed(kFixed64, 8, [&](std::uint64_t bits) { numbers.push_back(std::bit_cast<double>(bits)); });
}

}  // namespace dinghy::converter
