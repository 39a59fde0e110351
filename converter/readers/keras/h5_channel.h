// The two ends of the socket between `dinghy` and dinghy-read-keras.
//
// `dinghy` begins: the size of the question, the question, the size of the file. The program answers with `read`, an
// offset and a size, for bytes of the file, as often as it needs some; then with `result` or `error` and a text to the
// end. It opens no file itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace dinghy::converter {

enum class H5Message : char { read = '?', result = '+', error = '-' };

constexpr std::uint64_t kMaxRead = std::uint64_t{1} << 20;  // of one `read`

/// Both are false when the other end is gone.
bool send_bytes(int socket, std::span<const std::byte> bytes);
bool receive_bytes(int socket, std::span<std::byte> bytes);
/// To the end.
std::string receive_rest(int socket);

inline bool send_number(int socket, std::uint64_t number) {
  return send_bytes(socket, std::as_bytes(std::span(&number, 1)));
}
inline bool receive_number(int socket, std::uint64_t& number) {
  return receive_bytes(socket, std::as_writable_bytes(std::span(&number, 1)));
}
inline bool send_text(int socket, const std::string& text) {
  return send_bytes(socket, std::as_bytes(std::span(text)));
}
inline bool receive_text(int socket, std::string& text) {
  return receive_bytes(socket, std::as_writable_bytes(std::span(text)));
}

}  // namespace dinghy::converter
