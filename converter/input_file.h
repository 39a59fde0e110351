// The one way to open a file for reading, and the memory of what was read: no output may replace it.
#pragma once

#include <cstdint>
#include <string>

namespace dinghy::converter {

/// What an input may be. Pipes are for what is read once, from the front to the end.
enum class InputKind { file, file_or_pipe };

/// An open file; nothing is ever waited for, unless a pipe is asked for.
class InputFile {
 public:
  /// Throws Error when `path` cannot be opened, or is a folder, a device, a socket, or a pipe that `kind` does not
  /// allow, or one that was read before. `advice`, where there is some, then says what the file should be.
  explicit InputFile(const std::string& path, const std::string& advice = "", InputKind kind = InputKind::file);
  /// Whatever it is. Throws Error the second time, when nothing is left of it.
  static InputFile standard_input();
  ~InputFile();
  InputFile(InputFile&& other) noexcept;
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  int descriptor() const { return descriptor_; }
  /// In bytes; 0 for a pipe.
  std::uint64_t size() const { return size_; }

 private:
  explicit InputFile(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
  std::uint64_t size_ = 0;
};

/// Remembers a file that something else opened, the engine for instance. Nothing for a path that there is not.
void note_input(const std::string& path);

/// Throws Error when `path` is a file that was read, by whatever name.
void refuse_input_as_output(const std::string& path);

}  // namespace dinghy::converter
