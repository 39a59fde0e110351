// Memos as bytes and as files, for tests.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "dinghy/pair_memo.h"

namespace dinghy::tests {

/// A sink that appends to `bytes`.
inline MemoSink sink_into(std::vector<char>& bytes) {
  return {[](void* to, const void* from, std::size_t size) {
            const auto* const begin = static_cast<const char*>(from);
            static_cast<std::vector<char>*>(to)->insert(static_cast<std::vector<char>*>(to)->end(), begin,
                                                        begin + size);
            return true;
          },
          &bytes};
}

/// A file that goes with the object, under a name that no other process has.
class MemoFile {
 public:
  explicit MemoFile(const std::vector<char>& bytes)
      : path_((std::filesystem::temp_directory_path() /
               ("dinghy-memo-" + std::to_string(::getpid()) + "-" + std::to_string(++count_)))
                  .string()) {
    std::ofstream(path_, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }
  MemoFile(const MemoFile&) = delete;
  MemoFile& operator=(const MemoFile&) = delete;
  ~MemoFile() { std::filesystem::remove(path_); }
  const char* path() const { return path_.c_str(); }

 private:
  static inline int count_ = 0;
  std::string path_;
};

}  // namespace dinghy::tests
