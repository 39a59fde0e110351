// WebAssembly: memory has no pages and no disk behind it, so a file is read whole, and is where it is needed.
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "engine/platform/file_part.h"
#include "engine/platform/mapped_file.h"
#include "engine/platform/memory.h"

namespace dinghy::platform {
namespace {

struct Close {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};

constexpr std::size_t kAlignment = 64;

}  // namespace

void MappedFile::let_go() noexcept { release(pages_.data(), pages_.size(), kAlignment); }

Status MappedFile::map(const char* path) noexcept { return copy(path); }

Status MappedFile::map(int, std::uint64_t, std::uint64_t) noexcept {
  return Status::error(Code::unsupported, "WebAssembly opens no file by its descriptor");
}

Status MappedFile::copy(const char* path) noexcept {
  const std::unique_ptr<std::FILE, Close> file(std::fopen(path, "rb"));
  if (file == nullptr) return Status::error(Code::io_error, "cannot open the file: %s", std::strerror(errno));
  const bool sought = std::fseek(file.get(), 0, SEEK_END) == 0;
  const long end = sought ? std::ftell(file.get()) : -1;
  if (end < 0 || std::fseek(file.get(), 0, SEEK_SET) != 0) return not_a_file();
  if (Status status = check_size(static_cast<std::uint64_t>(end)); !status) return status;
  const auto size = static_cast<std::size_t>(end);
  void* const memory = allocate(size, kAlignment);
  if (memory == nullptr) return no_memory_for_copy();
  pages_ = {static_cast<std::byte*>(memory), size};
  bytes_ = pages_;
  ask_ = Ask::system;
  if (std::fread(memory, 1, size, file.get()) == size) return Status();
  return became_shorter();
}

void MappedFile::will_be_needed(std::span<const std::byte>) const noexcept {}

bool MappedFile::is_resident(const std::byte*) const noexcept { return true; }

Status MappedFile::lock(std::span<const std::byte>) const noexcept {
  return Status::error(Code::unsupported, "WebAssembly has no pages to lock; the rows are in memory");
}

// Emscripten's aligned_alloc() refuses what is less than a pointer's alignment.
void* system_allocate(std::size_t bytes, std::size_t alignment) noexcept {
  if (alignment <= alignof(std::max_align_t)) return std::malloc(bytes);
  return std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
}

void prefer_large_pages(void*, std::size_t) noexcept {}

void system_release(void* memory) noexcept { std::free(memory); }

}  // namespace dinghy::platform
