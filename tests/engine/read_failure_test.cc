// A disk that fails while a model is copied into memory: this program's read() fails when it is told to.
#include <sys/syscall.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <cerrno>
#include <string>

#include "dinghy/model.h"
#include "tests/engine/random_network.h"

namespace dinghy::tests {
namespace {

enum class Disk { works, fails, ends };
Disk disk = Disk::works;

}  // namespace
}  // namespace dinghy::tests

extern "C" ssize_t read(int file, void* to, size_t size) {
  using dinghy::tests::disk, dinghy::tests::Disk;
  if (disk == Disk::works) return ::syscall(SYS_read, file, to, size);
  errno = EIO;
  return disk == Disk::fails ? -1 : 0;
}

namespace dinghy::tests {

TEST_CASE("read: a disk that fails, or a file cut meanwhile, is an error", "[system]") {
  const ModelFile file(Shape{});
  const auto read_while = [&](Disk state) {
    disk = state;
    const Status status = Model::read(file.path().c_str()).status();
    disk = Disk::works;
    return status;
  };
  const Status failed = read_while(Disk::fails), cut = read_while(Disk::ends);
  CHECK(failed.code() == Code::io_error);
  CHECK(std::string(failed.message()) == "cannot read the file: Input/output error");
  CHECK(cut.code() == Code::io_error);
  CHECK(std::string(cut.message()) == "the file became shorter while it was read");
  CHECK(read_while(Disk::works).ok());
}

}  // namespace dinghy::tests
