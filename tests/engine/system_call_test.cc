#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <csignal>
#include <cstdlib>

#include "dinghy/isa.h"
#include "tests/engine/prepared_session.h"
#include "tests/engine/random_network.h"

namespace dinghy::tests {
namespace {

enum class Sandboxed { done, failed, killed, no_sandbox };

/// Runs `call` in a process of its own that the kernel kills at any system call but read, write and exit.
template <class Call>
Sandboxed run_sandboxed(Call call) {
  constexpr int kNoSandbox = 77;
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) != 0) ::_exit(kNoSandbox);
    const bool succeeded = call();
    ::syscall(SYS_exit, succeeded ? 0 : 1);  // _exit() would call exit_group, which the sandbox forbids
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  if (WIFSIGNALED(status)) return WTERMSIG(status) == SIGKILL ? Sandboxed::killed : Sandboxed::failed;
  if (WEXITSTATUS(status) == kNoSandbox) return Sandboxed::no_sandbox;
  return WEXITSTATUS(status) == 0 ? Sandboxed::done : Sandboxed::failed;
}

}  // namespace

TEST_CASE("system calls: set, append, score and rescore make none, whether they succeed or not", "[system]") {
  if (run_sandboxed([] { return true; }) == Sandboxed::no_sandbox) SKIP("this system refuses seccomp");
  REQUIRE(run_sandboxed([] { return ::getppid() != 0; }) == Sandboxed::killed);
  const ModelFile file(Shape{.two_interests = true, .history_sums = true, .dense_and_bag = true, .biases = true});
  const Model model = file.open();
  for (const Isa& isa : isas()) {
    if (!isa.available) continue;
    CAPTURE(isa.name);
    PreparedSession session(model, isa.name);
    CHECK(run_sandboxed([&] {
            return session.run() == PreparedSession::Outcome{5 * session.requests(), 0} &&
                   session.run_wrong().refused >= 10 * session.requests();
          }) == Sandboxed::done);
  }
}

TEST_CASE("system calls: scoring with a memo makes none", "[system]") {
  if (run_sandboxed([] { return true; }) == Sandboxed::no_sandbox) SKIP("this system refuses seccomp");
  const ModelFile file(Shape{});
  const Model model = file.open();
  for (const Isa& isa : isas()) {
    if (!isa.available) continue;
    CAPTURE(isa.name);
    const PairMemo memo = small_memo(model, isa.name);
    PreparedSession session(model, isa.name, &memo);
    CHECK(run_sandboxed([&] {
            return session.run() == PreparedSession::Outcome{5 * session.requests(), 0} &&
                   session.run() == PreparedSession::Outcome{5 * session.requests(), 0};
          }) == Sandboxed::done);
  }
}

}  // namespace dinghy::tests
