// dinghy-read-keras: answers one question about a file of Keras, over the socket that is its standard input, and ends.
// `dinghy` starts it (h5_process.h); people have no use for it.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "converter/error.h"
#include "converter/readers/keras/h5_answer.h"
#include "converter/readers/keras/h5_channel.h"

namespace dinghy::converter {
namespace {

constexpr int kSocket = STDIN_FILENO;

bool send_kind(H5Message message) { return send_bytes(kSocket, std::as_bytes(std::span(&message, 1))); }

/// The file, as `dinghy` has it.
class AskedStorage : public Storage {
 public:
  explicit AskedStorage(std::uint64_t size) : size_(size) {}
  std::uint64_t size() const override { return size_; }

  void read(std::uint64_t offset, std::span<std::byte> out) const override {
    for (; !out.empty(); out = out.subspan(std::min<std::size_t>(kMaxRead, out.size()))) {
      const std::span<std::byte> piece = out.first(std::min<std::size_t>(kMaxRead, out.size()));
      send_kind(H5Message::read);
      send_number(kSocket, offset);
      send_number(kSocket, piece.size());
      if (!receive_bytes(kSocket, piece)) throw Error("dinghy", "asks no longer");  // nor was there one to send to
      offset += piece.size();
    }
  }

 private:
  std::uint64_t size_;
};

int run() {
  std::uint64_t size = 0, file_size = 0;
  if (!receive_number(kSocket, size)) return 2;
  std::string question(size, '\0');
  if (!receive_text(kSocket, question) || !receive_number(kSocket, file_size)) return 2;
  H5Message kind = H5Message::result;
  std::string text;
  try {
    text = answer(question_of(question), AskedStorage(file_size));
  } catch (const Error& error) {
    kind = H5Message::error;
    text = error.what();
  }
  return send_kind(kind) && send_text(kSocket, text) ? 0 : 1;
}

}  // namespace
}  // namespace dinghy::converter

int main(int argc, char**) {
  if (argc != 1 || ::isatty(STDIN_FILENO)) {
    std::fprintf(stderr,
                 "dinghy-read-keras is a part of the command `dinghy`, which starts it to read files of Keras\n");
    return 2;
  }
  int status = 1;  // `dinghy` says what that means
  try {
    status = dinghy::converter::run();
  } catch (const std::exception&) {
  }
#ifdef DINGHY_COUNTS_LINES
  return status;
#else
  // What libhdf5 does at the end of a process could crash over a damaged file that has its answer already.
  std::_Exit(status);
#endif
}
