#include "converter/readers/keras/isolated.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>

#include "converter/error.h"

namespace dinghy::converter {
namespace {

constexpr rlim_t kMaxSeconds = 120;
constexpr char kResult = '+', kError = '-';

void write_all(int descriptor, const std::string& bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    const ssize_t written = ::write(descriptor, bytes.data() + at, bytes.size() - at);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    at += static_cast<std::size_t>(written);
  }
}

std::string read_all(int descriptor) {
  std::string bytes;
  std::array<char, 1 << 16> piece;
  for (;;) {
    const ssize_t got = ::read(descriptor, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return bytes;
    bytes.append(piece.data(), static_cast<std::size_t>(got));
  }
}

[[noreturn]] void run_child(const std::function<std::string()>& work, int descriptor) {
  for (const int number : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL}) std::signal(number, SIG_DFL);
  const rlimit no_core{0, 0}, time{kMaxSeconds, kMaxSeconds};
  ::setrlimit(RLIMIT_CORE, &no_core);
  ::setrlimit(RLIMIT_CPU, &time);
#ifndef __SANITIZE_ADDRESS__  // whose shadow takes terabytes
  constexpr rlim_t kMaxMemory = rlim_t{2} << 30;
  const rlimit memory{kMaxMemory, kMaxMemory};
  ::setrlimit(RLIMIT_DATA, &memory);
#endif
  try {
    write_all(descriptor, kResult + work());
  } catch (const Error& error) {
    write_all(descriptor, kError + std::string(error.what()));
  } catch (const std::exception&) {
    ::_exit(1);
  }
  ::_exit(0);
}

}  // namespace

std::string run_isolated(const std::function<std::string()>& work, const std::string& where) {
  int ends[2];
  if (::pipe(ends) != 0) throw Error(where, std::string("cannot be read apart: ") + std::strerror(errno));
  const pid_t child = ::fork();
  if (child < 0) {
    const int reason = errno;
    ::close(ends[0]);
    ::close(ends[1]);
    throw Error(where, std::string("cannot be read apart: ") + std::strerror(reason));
  }
  if (child == 0) run_child(work, ends[1]);
  ::close(ends[1]);
  const std::string answer = read_all(ends[0]);
  ::close(ends[0]);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || answer.empty()) {
    throw Error(where, "is damaged: libhdf5 broke down over it; copy or save it again");
  }
  if (answer[0] == kError) {
    const std::size_t colon = answer.find(": ");
    throw Error(answer.substr(1, colon - 1), answer.substr(colon + 2));
  }
  return answer.substr(1);
}

}  // namespace dinghy::converter
