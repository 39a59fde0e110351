// JSON into memory of the caller's: what little of it Model::describe() needs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace dinghy {

/// Writes as much as there is room for, and counts the rest.
class JsonWriter {
 public:
  /// A text longer than this is cut, and ends with an ellipsis: one text of a file may stand in many places.
  static constexpr std::size_t kMostOfAText = 1024;

  explicit JsonWriter(std::span<char> room) noexcept : room_(room) {}

  void open(char bracket) noexcept { begin_value(), put(bracket), comma_ = false; }
  void close(char bracket) noexcept { put(bracket), comma_ = true; }
  void key(const char* name) noexcept;
  /// Any bytes: what is no UTF-8 becomes U+FFFD.
  void text(std::string_view text) noexcept;
  void number(std::int64_t number) noexcept;
  void number(std::uint64_t number) noexcept;
  void boolean(bool value) noexcept { begin_value(), put(value ? "true" : "false"); }
  /// Of what was written, or would have been.
  std::size_t size() const noexcept { return size_; }
  void put(char c) noexcept {
    if (size_ < room_.size()) room_[size_] = c;
    ++size_;
  }
  void put(std::string_view text) noexcept {
    for (const char c : text) put(c);
  }

 private:
  void begin_value() noexcept {
    if (comma_) put(',');
    comma_ = true;
  }

  std::span<char> room_;
  std::size_t size_ = 0;
  bool comma_ = false;  // what comes next is no first value
};

}  // namespace dinghy
