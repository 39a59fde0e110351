#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <fstream>
#include <limits>
#include <thread>

#include "engine/network/network.h"
#include "tests/engine/aligned_bytes.h"
#include "tests/engine/random_network.h"
#include "tests/engine/request.h"
#include "tests/engine/vocabulary_network.h"

namespace dinghy::tests {
namespace {

constexpr std::int64_t kRows = 60000;  // of 256 bytes: 15 MB

/// A model with one large table, "item".
converter::Network large_network() {
  converter::Network network = random_network({.field_widths = {64}});
  for (converter::Table& table : network.tables) {
    if (table.name == "item") table.source = random_tensor("item", kRows, 64);
  }
  return network;
}

const std::byte* row_of(const Model& model, std::int64_t id) {
  const network::Table& table = *model.internal().features[*model.feature("item")].table;
  return table.rows + static_cast<std::size_t>(id) * table.row_stride;
}

bool is_resident(const std::byte* byte) {
  unsigned char state = 0;
  const auto page = reinterpret_cast<std::uintptr_t>(byte) / 4096 * 4096;
  REQUIRE(::mincore(reinterpret_cast<void*>(page), 1, &state) == 0);
  return (state & 1) != 0;
}

void evict(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY);
  REQUIRE(file >= 0);
  REQUIRE(::fsync(file) == 0);
  REQUIRE(::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED) == 0);
  ::close(file);
}

/// The same behind a vocabulary, so that prefetch() has to read before it knows the rows.
converter::Network large_network_with_vocabulary() {
  std::vector<std::int64_t> keys(kRows);
  for (std::size_t row = 0; row < keys.size(); ++row) keys[row] = static_cast<std::int64_t>(row) * 1000003;
  converter::Network network = large_network();
  network.vocabularies.push_back(numbered(keys));
  network.vocabularies.back().name = "items";
  item_table(network).vocabulary = 0;
  return network;
}

/// In a process of its own that is another user's: how often prefetch() waited for the disk; -1 for an error. It gets
/// the file open, since the folder around it may be closed to others.
int waits_of_another_user(const ModelFile& file, const std::vector<std::int64_t>& ids) {
  const int descriptor = ::open(file.path().c_str(), O_RDONLY | O_CLOEXEC);
  REQUIRE(descriptor >= 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    if (::setuid(65534) != 0) ::_exit(255);
    const auto model = Model::open(descriptor, 0, 0);
    if (!model.ok()) ::_exit(255);
    const Column columns[] = {Column::ids(*model->feature("item"), ids)};
    struct rusage before{}, after{};
    ::getrusage(RUSAGE_SELF, &before);
    const bool prefetched = model->prefetch(columns).ok();
    ::getrusage(RUSAGE_SELF, &after);
    ::_exit(prefetched ? static_cast<int>(std::min(after.ru_majflt - before.ru_majflt, 254L)) : 255);
  }
  ::close(descriptor);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return !WIFEXITED(status) || WEXITSTATUS(status) == 255 ? -1 : WEXITSTATUS(status);
}

/// False on systems that read ahead whatever they are told: emulators of user programs drop the advice.
bool takes_advice() {
  const ModelFile file(large_network());
  evict(file.path());
  const int descriptor = ::open(file.path().c_str(), O_RDONLY);
  REQUIRE(descriptor >= 0);
  constexpr std::size_t kSize = 12u << 20, kTouched = 6u << 20;
  void* const mapping = ::mmap(nullptr, kSize, PROT_READ, MAP_PRIVATE, descriptor, 0);
  ::close(descriptor);
  REQUIRE(mapping != MAP_FAILED);
  const auto* const bytes = static_cast<const std::byte*>(mapping);
  ::madvise(mapping, kSize, MADV_RANDOM);
  [[maybe_unused]] const volatile std::byte touched = bytes[kTouched];
  const bool alone = is_resident(bytes + kTouched) && !is_resident(bytes + kTouched + (64u << 10));
  ::munmap(mapping, kSize);
  return alone;
}

}  // namespace

TEST_CASE("prefetch: brings the rows' pages, and not those around them, without touching them", "[scoring][limits]") {
  if (!takes_advice()) SKIP("this system takes no advice about mappings");
  const ModelFile file(large_network());
  evict(file.path());
  const Model model = file.open();
  const std::vector<std::int64_t> ids = {15000, 30000, 55000};
  for (const std::int64_t id : ids) {
    if (is_resident(row_of(model, id))) SKIP("this file system keeps pages that it was asked to drop");
  }
  REQUIRE(model.prefetch({{Column::ids(*model.feature("item"), ids)}}).ok());
  for (const std::int64_t id : ids) {
    for (int wait = 0; wait < 500 && !is_resident(row_of(model, id)); ++wait)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    CHECK(is_resident(row_of(model, id)));
  }
  CHECK_FALSE(is_resident(row_of(model, 10000)));
  CHECK_FALSE(is_resident(row_of(model, 40000)));
}

TEST_CASE("prefetch: waits for no disk where another user owns the file", "[scoring][limits]") {
  if (::geteuid() != 0) SKIP("only root may become another user");
  if (!takes_advice()) SKIP("this system takes no advice about mappings");
  const ModelFile file(large_network_with_vocabulary());
  evict(file.path());
  const Model model = file.open();
  if (is_resident(row_of(model, 30000))) SKIP("this file system keeps pages that it was asked to drop");
  std::vector<std::int64_t> ids;
  for (std::int64_t row = 0; row < kRows; row += 500) ids.push_back(row * 1000003);
  // The first time it asks for the pages of the vocabulary; once they are there, whenever that is, for the rows.
  for (int attempt = 0; attempt < 200 && !is_resident(row_of(model, 30000)); ++attempt) {
    REQUIRE(waits_of_another_user(file, ids) == 0);
    std::this_thread::sleep_for(std::chrono::milliseconds(25));
  }
  CHECK(is_resident(row_of(model, 30000)));
  CHECK_FALSE(is_resident(row_of(model, 30250)));
}

TEST_CASE("pin: a copy of the file is locked, memory of the caller's is refused", "[scoring]") {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  SKIP("under these sanitizers mlock does nothing");
#endif
  const ModelFile file(Shape{});
  const AlignedBytes bytes(file.bytes());
  const auto read = Model::read(file.path().c_str()), borrowed = Model::from_memory(bytes.span());
  REQUIRE(read.ok());
  REQUIRE(borrowed.ok());
  const std::vector<std::int64_t> ids = {7, 31};
  const Column columns[] = {Column::ids(*read->feature("item"), ids)};
  const auto locked = [] {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("VmLck:")) return std::stol(line.substr(6));
    }
    return -1L;
  };
  const long before = locked();
  CHECK(borrowed->pin(columns).code() == Code::unsupported);
  CHECK(locked() == before);
  const Status status = read->pin(columns);
  if (status.code() == Code::io_error) SKIP("this process may not lock memory");
  REQUIRE(status.ok());
  CHECK((before < 0 || locked() > before));  // an emulator may not show it
}

TEST_CASE("prefetch and pin: ids without a row are passed over, unknown features are refused", "[scoring]") {
  const ModelFile file(large_network());
  const Model model = file.open();
  const std::uint32_t item = *model.feature("item");
  const std::vector<std::int64_t> ids = {-1, kRows, std::numeric_limits<std::int64_t>::max(),
                                         std::numeric_limits<std::int64_t>::min(), 3};
  CHECK(model.prefetch({{Column::ids(item, ids)}}).ok());
  CHECK(model.missing_ids(item) == 0);
  CHECK(model.prefetch({{Column::ids(1000, ids)}}).code() == Code::invalid_argument);
  CHECK(model.pin({{Column::ids(1000, ids)}}).code() == Code::invalid_argument);
  const std::vector<std::string_view> strings = {"a"};
  CHECK(model.prefetch({{Column::strings(item, strings)}}).ok());
}

TEST_CASE("pin: the rows are in memory, and stay there when the page cache is dropped", "[scoring]") {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  SKIP("under these sanitizers mlock does nothing");
#endif
  const ModelFile file(large_network());
  const Model model = file.open();
  const std::vector<std::int64_t> ids = {7, 31000};
  const Status status = model.pin({{Column::ids(*model.feature("item"), ids)}});
  if (status.code() == Code::io_error) SKIP("this process may not lock memory");
  REQUIRE(status.ok());
  evict(file.path());
  for (const std::int64_t id : ids) CHECK(is_resident(row_of(model, id)));
}

}  // namespace dinghy::tests
