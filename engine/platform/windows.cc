// Windows 8 and later. Paths are UTF-8.
#define WIN32_LEAN_AND_MEAN
#define NOMINMAX
#if !defined(_WIN32_WINNT) || _WIN32_WINNT < 0x0602
#undef _WIN32_WINNT
#define _WIN32_WINNT 0x0602
#endif
#include <fcntl.h>
#include <io.h>
#include <malloc.h>
#include <windows.h>
// windows.h first
#include <psapi.h>

#include <cstdint>

#include "engine/platform/file_part.h"
#include "engine/platform/mapped_file.h"
#include "engine/platform/memory.h"

namespace dinghy::platform {
namespace {

/// An error of the system, as "WHAT: its words (its number)".
Status system_error(Code code, const char* what) noexcept {
  const DWORD number = ::GetLastError();
  char words[128] = "";
  const DWORD how = FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS | FORMAT_MESSAGE_MAX_WIDTH_MASK;
  ::FormatMessageA(how, nullptr, number, 0, words, sizeof words, nullptr);
  return Status::error(code, "%s: %s(error %lu of Windows)", what, words, number);
}

/// A handle that is closed at the end.
class Handle {
 public:
  explicit Handle(HANDLE handle) noexcept : handle_(handle) {}
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() {
    if (handle_ != nullptr) ::CloseHandle(handle_);
  }
  HANDLE get() const noexcept { return handle_; }

 private:
  HANDLE handle_;
};

/// A file by its descriptor in the C runtime, as callers name theirs; closed at the end.
class OpenFile {
 public:
  OpenFile() = default;
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() {
    if (descriptor_ >= 0) ::_close(descriptor_);
  }

  Status open(const char* path) noexcept;
  int descriptor() const noexcept { return descriptor_; }

 private:
  int descriptor_ = -1;
};

HANDLE handle_of(int descriptor) noexcept { return reinterpret_cast<HANDLE>(::_get_osfhandle(descriptor)); }

/// A path in UTF-16; null with the error set when it is not UTF-8 or there is no memory.
class WidePath {
 public:
  explicit WidePath(const char* path) noexcept {
    const int size = ::MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, path, -1, nullptr, 0);
    if (size == 0) return;
    bytes_ = static_cast<std::size_t>(size) * sizeof(wchar_t);
    text_ = static_cast<wchar_t*>(allocate(bytes_, alignof(wchar_t)));
    if (text_ == nullptr) {
      ::SetLastError(ERROR_NOT_ENOUGH_MEMORY);
    } else {
      ::MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, path, -1, text_, size);
    }
  }
  WidePath(const WidePath&) = delete;
  WidePath& operator=(const WidePath&) = delete;
  ~WidePath() { release(text_, bytes_, alignof(wchar_t)); }
  const wchar_t* get() const noexcept { return text_; }

 private:
  wchar_t* text_ = nullptr;
  std::size_t bytes_ = 0;
};

Status OpenFile::open(const char* path) noexcept {
  const WidePath name(path);
  // Shared with who replaces or deletes the file: a model can be renewed while it is in use.
  const HANDLE handle = name.get() == nullptr ? INVALID_HANDLE_VALUE
                                              : ::CreateFileW(name.get(), GENERIC_READ,
                                                              FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                                                              nullptr, OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, nullptr);
  if (handle == INVALID_HANDLE_VALUE) return system_error(Code::io_error, "cannot open the file");
  descriptor_ = ::_open_osfhandle(reinterpret_cast<std::intptr_t>(handle), _O_RDONLY | _O_BINARY);
  if (descriptor_ >= 0) return Status();
  ::CloseHandle(handle);
  return Status::error(Code::io_error, "cannot open the file: too many are open");
}

/// The size of a file that can be mapped or read.
Status size_of(HANDLE file, std::uint64_t& size) noexcept {
  LARGE_INTEGER bytes{};
  if (::GetFileType(file) != FILE_TYPE_DISK || ::GetFileSizeEx(file, &bytes) == 0) return not_a_file();
  size = static_cast<std::uint64_t>(bytes.QuadPart);
  return Status();
}

std::uint64_t granularity() noexcept {
  SYSTEM_INFO info{};
  ::GetSystemInfo(&info);
  return info.dwAllocationGranularity;
}

Status read_whole(HANDLE file, void* to, std::size_t size) noexcept {
  constexpr std::size_t kMostAtOnce = std::size_t{1} << 30;
  for (std::size_t done = 0; done < size;) {
    const std::size_t most = size - done < kMostAtOnce ? size - done : kMostAtOnce;
    DWORD got = 0;
    if (::ReadFile(file, static_cast<std::byte*>(to) + done, static_cast<DWORD>(most), &got, nullptr) == 0) {
      return system_error(Code::io_error, "cannot read the file");
    }
    if (got == 0) return became_shorter();
    done += got;
  }
  return Status();
}

/// A view of a file, as against pages of its own.
bool is_view(const void* pages) noexcept {
  MEMORY_BASIC_INFORMATION info{};
  return ::VirtualQuery(pages, &info, sizeof info) != 0 && info.Type == MEM_MAPPED;
}

}  // namespace

void MappedFile::let_go() noexcept {
  if (pages_.empty()) return;
  if (is_view(pages_.data())) {
    ::UnmapViewOfFile(pages_.data());
  } else {
    ::VirtualFree(pages_.data(), 0, MEM_RELEASE);
  }
}

Status MappedFile::map(const char* path) noexcept {
  OpenFile file;
  if (Status status = file.open(path); !status) return status;
  return map(file.descriptor(), 0, 0);
}

Status MappedFile::map(int descriptor, std::uint64_t offset, std::uint64_t size) noexcept {
  const HANDLE file = handle_of(descriptor);
  std::uint64_t whole = 0;
  if (Status status = size_of(file, whole); !status) return status;
  if (Status status = choose_part(whole, offset, size); !status) return status;
  const std::uint64_t lead = offset % granularity(), begin = offset - lead;
  if (Status status = check_size(size, lead); !status) return status;
  const auto mapped = static_cast<std::size_t>(lead + size);
  const Handle mapping(::CreateFileMappingW(file, nullptr, PAGE_READONLY, 0, 0, nullptr));
  void* const view = mapping.get() == nullptr
                         ? nullptr
                         : ::MapViewOfFile(mapping.get(), FILE_MAP_READ, static_cast<DWORD>(begin >> 32),
                                           static_cast<DWORD>(begin & 0xffffffff), mapped);
  if (view == nullptr) return system_error(Code::io_error, "cannot map the file");
  pages_ = {static_cast<std::byte*>(view), mapped};
  bytes_ = pages_.subspan(static_cast<std::size_t>(lead));
  ask_ = Ask::system;
  return Status();
}

Status MappedFile::copy(const char* path) noexcept {
  OpenFile file;
  std::uint64_t whole = 0;
  if (Status status = file.open(path); !status) return status;
  if (Status status = size_of(handle_of(file.descriptor()), whole); !status) return status;
  if (Status status = check_size(whole); !status) return status;
  const auto size = static_cast<std::size_t>(whole);
  void* const pages = ::VirtualAlloc(nullptr, size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
  if (pages == nullptr) return no_memory_for_copy();
  pages_ = {static_cast<std::byte*>(pages), size};
  bytes_ = pages_;
  ask_ = Ask::system;
  if (Status status = read_whole(handle_of(file.descriptor()), pages, size); !status) return status;
  DWORD before = 0;
  ::VirtualProtect(pages, size, PAGE_READONLY, &before);
  return Status();
}

void MappedFile::will_be_needed(std::span<const std::byte> bytes) const noexcept {
  WIN32_MEMORY_RANGE_ENTRY range{const_cast<std::byte*>(bytes.data()), bytes.size()};
  if (!bytes.empty()) ::PrefetchVirtualMemory(::GetCurrentProcess(), 1, &range, 0);
}

bool MappedFile::is_resident(const std::byte* byte) const noexcept {
  if (ask_ != Ask::system) return false;
  PSAPI_WORKING_SET_EX_INFORMATION page{};
  page.VirtualAddress = const_cast<std::byte*>(byte);
  return ::QueryWorkingSetEx(::GetCurrentProcess(), &page, sizeof page) != 0 && page.VirtualAttributes.Valid != 0;
}

Status MappedFile::lock(std::span<const std::byte> bytes) const noexcept {
  if (pages_.empty()) return not_ours_to_lock();
  if (bytes.empty() || ::VirtualLock(const_cast<std::byte*>(bytes.data()), bytes.size()) != 0) return Status();
  return system_error(Code::io_error, "cannot lock the rows in memory");
}

void* system_allocate(std::size_t bytes, std::size_t alignment) noexcept { return ::_aligned_malloc(bytes, alignment); }

void prefer_large_pages(void*, std::size_t) noexcept {}

void system_release(void* memory) noexcept { ::_aligned_free(memory); }

}  // namespace dinghy::platform
