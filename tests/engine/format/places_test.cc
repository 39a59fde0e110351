// Models that lie elsewhere than at the start of a file: inside an APK, in memory that another language owns.
#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dinghy/dinghy.h"
#include "dinghy/isa.h"
#include "tests/engine/aligned_bytes.h"
#include "tests/engine/golden_rows.h"
#include "tests/engine/random_network.h"
#include "tests/engine/request.h"

namespace dinghy::tests {
namespace {

/// A model with every kind of part, and its golden rows.
std::vector<std::byte> sound_file() {
  const converter::Network network = random_network(
      {.max_length = 6, .two_interests = true, .dense_and_bag = true, .mixed_fields = true, .own_history = true});
  return ModelFile(network, golden_rows(ModelFile(network).open())).bytes();
}

/// Its bytes, `lead` bytes behind the start of a page.
AlignedBytes shifted(const std::vector<std::byte>& bytes, std::size_t lead) {
  std::vector<std::byte> all(lead, std::byte{0x5a});
  all.insert(all.end(), bytes.begin(), bytes.end());
  return AlignedBytes(all);
}

/// A file with other bytes around a model.
class Archive {
 public:
  Archive(const std::vector<std::byte>& model, std::size_t lead, std::size_t tail) : size_(model.size()), lead_(lead) {
    char name[] = "/tmp/dinghy_places_XXXXXX";
    descriptor_ = ::mkstemp(name);
    REQUIRE(descriptor_ >= 0);
    path_ = name;
    std::vector<std::byte> all(lead + size_ + tail, std::byte{0x5a});
    std::copy(model.begin(), model.end(), all.begin() + static_cast<std::ptrdiff_t>(lead));
    REQUIRE(::write(descriptor_, all.data(), all.size()) == static_cast<ssize_t>(all.size()));
  }
  Archive(const Archive&) = delete;
  Archive& operator=(const Archive&) = delete;
  ~Archive() {
    ::close(descriptor_);
    ::unlink(path_.c_str());
  }

  int descriptor() const { return descriptor_; }
  std::size_t size() const { return size_; }
  std::size_t lead() const { return lead_; }

 private:
  std::size_t size_, lead_;
  int descriptor_ = -1;
  std::string path_;
};

/// Everything that reads the model: its golden rows on every ISA, all its bytes.
void check_sound(const Result<Model>& model) {
  INFO(model.status().message());
  REQUIRE(model.ok());
  CHECK(model->verify().ok());
  for (const Isa& isa : isas()) {
    if (!isa.available) continue;
    const Status status = model->selftest(isa.name);
    INFO(status.message());
    CHECK(status.ok());
  }
}

struct Releases {
  static void count(void* context) { ++static_cast<Releases*>(context)->calls; }
  MemoryOwner owner() { return {&count, this}; }

  int calls = 0;
};

}  // namespace

TEST_CASE("places: memory at any multiple of 4 holds a model", "[format]") {
  const std::vector<std::byte> bytes = sound_file();
  for (std::size_t lead = 0; lead <= 64; lead += 4) {
    CAPTURE(lead);
    const AlignedBytes memory = shifted(bytes, lead);
    check_sound(Model::from_memory(memory.span().subspan(lead)));
  }
  for (const std::size_t lead : {1, 2, 3, 66}) {
    CAPTURE(lead);
    const AlignedBytes memory = shifted(bytes, lead);
    CHECK(Model::from_memory(memory.span().subspan(lead)).status().code() == Code::invalid_argument);
  }
}

TEST_CASE("places: a model inside a larger file opens by its descriptor", "[format]") {
  const std::vector<std::byte> bytes = sound_file();
  for (const std::size_t lead : {0U, 4U, 60U, 4096U, 4100U, 70000U}) {
    CAPTURE(lead);
    std::optional<Model> model;
    {
      const Archive archive(bytes, lead, 5000);
      Result<Model> opened = Model::open(archive.descriptor(), lead, archive.size());
      check_sound(opened);
      model = *opened;
    }
    CHECK(model->selftest().ok());  // the file is closed and gone
    const Archive last(bytes, lead, 0);
    check_sound(Model::open(last.descriptor(), lead, 0));
  }
}

TEST_CASE("places: what is no part of a file is refused", "[format]") {
  const Archive archive(sound_file(), 4096, 8);
  const auto code = [&](std::uint64_t offset, std::uint64_t size) {
    return Model::open(archive.descriptor(), offset, size).status().code();
  };
  const std::uint64_t all = 4096 + archive.size() + 8;
  CHECK(code(4098, archive.size()) == Code::invalid_argument);
  CHECK(code(all, 0) == Code::invalid_argument);
  CHECK(code(4096, archive.size() + 9) == Code::invalid_argument);
  CHECK(code(4096, UINT64_MAX) == Code::invalid_argument);
  CHECK(code(UINT64_MAX - 3, 8) == Code::invalid_argument);
  CHECK(code(4096, archive.size() - 4) == Code::bad_file);
  CHECK(code(4100, archive.size() - 4) == Code::bad_file);
  CHECK(code(0, 0) == Code::bad_file);
  CHECK(Model::open(-1, 0, 0).status().code() == Code::bad_file);
  const int folder = ::open("/", O_RDONLY | O_CLOEXEC);
  CHECK(Model::open(folder, 0, 0).status().code() == Code::bad_file);
  ::close(folder);
}

TEST_CASE("places: the owner gets memory back once, behind the last handle", "[format]") {
  const AlignedBytes bytes(sound_file());
  Releases releases;
  std::optional<UserState> user;
  {
    const Result<Model> model = Model::from_memory(bytes.span(), releases.owner());
    REQUIRE(model.ok());
    Result<UserState> created = UserState::create(*model, {});
    REQUIRE(created.ok());
    user.emplace(std::move(*created));
  }
  CHECK(releases.calls == 0);
  user.reset();
  CHECK(releases.calls == 1);
}

TEST_CASE("places: the owner gets memory back when no model comes of it", "[format]") {
  AlignedBytes bytes(sound_file());
  bytes.data()[100] ^= std::byte{1};
  Releases releases;
  CHECK_FALSE(Model::from_memory(bytes.span(), releases.owner()).ok());
  CHECK(releases.calls == 1);
  CHECK_FALSE(Model::from_memory(bytes.span().subspan(1), releases.owner()).ok());
  CHECK(releases.calls == 2);
  dinghy_model* model = nullptr;
  CHECK(dinghy_model_from_owned_memory(nullptr, 0, &Releases::count, &releases, &model, nullptr) ==
        DINGHY_INVALID_ARGUMENT);
  CHECK(releases.calls == 3);
  CHECK(dinghy_model_from_owned_memory(bytes.data(), bytes.size(), &Releases::count, &releases, nullptr, nullptr) ==
        DINGHY_INVALID_ARGUMENT);
  CHECK(releases.calls == 4);
}

TEST_CASE("places: C opens parts of files and owned memory too", "[format]") {
  const std::vector<std::byte> bytes = sound_file();
  const Archive archive(bytes, 4100, 16);
  dinghy_model* model = nullptr;
  REQUIRE(dinghy_model_open_fd(archive.descriptor(), archive.lead(), archive.size(), &model, nullptr) == DINGHY_OK);
  CHECK(dinghy_model_selftest(model, nullptr, nullptr) == DINGHY_OK);
  dinghy_model_free(model);
  const AlignedBytes memory(bytes);
  Releases releases;
  REQUIRE(dinghy_model_from_owned_memory(memory.data(), memory.size(), &Releases::count, &releases, &model, nullptr) ==
          DINGHY_OK);
  dinghy_model_free(model);
  CHECK(releases.calls == 1);
}

}  // namespace dinghy::tests
