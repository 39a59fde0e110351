#include "converter/readers/keras/h5_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "converter/error.h"
#include "converter/readers/keras/h5_channel.h"

namespace dinghy::converter {
namespace {

constexpr rlim_t kMaxSeconds = 120;

// In the child: nothing here may allocate or throw.
[[noreturn]] void become(char* const* command, int socket) {
  const rlimit no_core{0, 0}, time{kMaxSeconds, kMaxSeconds};
  ::setrlimit(RLIMIT_CORE, &no_core);
  ::setrlimit(RLIMIT_CPU, &time);
#ifndef __SANITIZE_ADDRESS__  // whose shadow takes terabytes
  constexpr rlim_t kMaxMemory = rlim_t{2} << 30;
  const rlimit memory{kMaxMemory, kMaxMemory};
  ::setrlimit(RLIMIT_DATA, &memory);
#endif
  if (::dup2(socket, STDIN_FILENO) == STDIN_FILENO) ::execv(command[0], command);
  ::_exit(127);
}

/// The program under way, with the socket to it.
class Process {
 public:
  explicit Process(const std::string& where) : where_(where) {
    std::vector<std::string> command = h5_process_command(where);
    std::vector<char*> arguments;
    for (std::string& argument : command) arguments.push_back(argument.data());
    arguments.push_back(nullptr);
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) fail_to_start();
    for (const int end : ends) ::fcntl(end, F_SETFD, FD_CLOEXEC);
    socket_ = ends[0];
    child_ = ::fork();
    if (child_ == 0) become(arguments.data(), ends[1]);
    const int reason = errno;
    ::close(ends[1]);
    if (child_ > 0) return;
    ::close(socket_);
    errno = reason;
    fail_to_start();
  }
  ~Process() {
    ::close(socket_);
    if (child_ < 0) return;
    ::kill(child_, SIGKILL);  // it was given up: an error of this side
    wait();
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  int socket() const { return socket_; }

  bool ended_well() {
    const int status = wait();
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }

 private:
  [[noreturn]] void fail_to_start() const {
    throw Error(where_, std::string("cannot be read apart: ") + std::strerror(errno));
  }

  int wait() {
    int status = 0;
    while (::waitpid(child_, &status, 0) < 0 && errno == EINTR) continue;
    child_ = -1;
    return status;
  }

  const std::string& where_;
  int socket_ = -1;
  pid_t child_ = -1;
};

// One request for bytes of the file. False when it is none that dinghy-read-keras makes.
bool serve_read(int socket, const Storage& file) {
  std::uint64_t offset = 0, size = 0;
  if (!receive_number(socket, offset) || !receive_number(socket, size)) return false;
  if (size > kMaxRead || offset > file.size() || size > file.size() - offset) return false;
  std::string bytes(size, '\0');
  file.read(offset, std::as_writable_bytes(std::span(bytes)));
  return send_text(socket, bytes);
}

}  // namespace

std::string ask_h5_process(const H5Question& question, const Storage& file) {
  Process process(question.where);
  const std::string bytes = to_bytes(question);
  bool going = send_number(process.socket(), bytes.size()) && send_text(process.socket(), bytes) &&
               send_number(process.socket(), file.size());
  H5Message message{};
  while (going) {
    going = receive_bytes(process.socket(), std::as_writable_bytes(std::span(&message, 1)));
    if (!going || message != H5Message::read) break;
    going = serve_read(process.socket(), file);
  }
  const std::string text = going ? receive_rest(process.socket()) : "";
  const bool known = message == H5Message::result || message == H5Message::error;
  if (!known || !process.ended_well()) {
    throw Error(question.where, "is damaged: libhdf5 broke down over it; copy or save it again");
  }
  if (message == H5Message::result) return text;
  const std::size_t colon = text.find(": ");
  throw Error(text.substr(0, colon), text.substr(colon + 2));
}

}  // namespace dinghy::converter
