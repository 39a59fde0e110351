#include "converter/readers/keras/isolated.h"

#include <sys/resource.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <csignal>
#include <stdexcept>
#include <vector>

#include "converter/error.h"

namespace dinghy::converter::test {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

template <class Resource>
std::string limit(Resource resource) {
  rlimit limit{};
  ::getrlimit(resource, &limit);
  return std::to_string(limit.rlim_cur);
}

void check_breaks_down(const std::function<std::string()>& work) {
  CHECK_THROWS_MATCHES(run_isolated(work, "m.h5"), Error,
                       MessageMatches(ContainsSubstring("m.h5: is damaged: libhdf5 broke down")));
}

}  // namespace

TEST_CASE("Isolated work gives its answer or its error, and changes nothing here", "[readers]") {
  int here = 1;
  CHECK(run_isolated([&] { return here = 2, std::string(3 << 20, 'x'); }, "m.h5").size() == 3 << 20);
  CHECK(here == 1);
  CHECK_THROWS_MATCHES(run_isolated([]() -> std::string { throw Error("m.h5: layers", "is odd: very"); }, "m.h5"),
                       Error, MessageMatches(ContainsSubstring("m.h5: layers: is odd: very")));
}

TEST_CASE("Isolated work that crashes, ends or throws what is no Error is an error about the file", "[readers]") {
  check_breaks_down([] { return std::raise(SIGSEGV), std::string("x"); });
  check_breaks_down([] { return std::raise(SIGKILL), std::string("x"); });
  check_breaks_down([]() -> std::string { throw std::runtime_error("odd"); });
}

TEST_CASE("Isolated work has two minutes of the processor, two gigabytes of memory, and leaves no core file",
          "[readers][limits]") {
  CHECK(run_isolated([] { return limit(RLIMIT_CPU); }, "m.h5") == "120");
  CHECK(run_isolated([] { return limit(RLIMIT_CORE); }, "m.h5") == "0");
#ifndef __SANITIZE_ADDRESS__  // whose shadow takes terabytes
  CHECK(run_isolated([] { return limit(RLIMIT_DATA); }, "m.h5") == std::to_string(std::uint64_t{2} << 30));
  check_breaks_down([] { return std::string(std::vector<char>(std::size_t{3} << 30).data(), 1); });
#endif
  CHECK(limit(RLIMIT_CPU) != "120");
}

}  // namespace dinghy::converter::test
