// A memo that was saved: opened it gives the same scores and computes nothing; another model's, another ISA's or a
// damaged one is refused.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "dinghy/isa.h"
#include "dinghy/pair_memo.h"
#include "tests/engine/aligned_bytes.h"
#include "tests/engine/page_session.h"
#include "tests/engine/random_network.h"
#include "tests/engine/request.h"
#include "tests/engine/saved_memo.h"

namespace dinghy::tests {
namespace {

using Catch::Matchers::ContainsSubstring;
using Bytes = std::vector<char>;

constexpr std::size_t kCandidates = 30, kHistory = 40;
constexpr PairMemoOptions kOptions{.bytes = 1 << 20, .items = 700, .integers = Integers::always};

template <class T>
T value(Result<T> result) {
  INFO(result.status().message());
  REQUIRE(result.ok());
  return std::move(*result);
}

Bytes saved(const PairMemo& memo) {
  Bytes bytes;
  const Status status = memo.save(sink_into(bytes));
  INFO(status.message());
  REQUIRE(status.ok());
  return bytes;
}

/// What a session with a memo gives for one request.
Page page_of(const Model& model, const Request& request, const PairMemo* memo, const std::string& isa = {}) {
  PageSession session(model, isa, kCandidates, kHistory, memo);
  INFO(session.scorer.status().message());
  REQUIRE(session.scorer.ok());
  REQUIRE(session.user->set(request.user.columns(model), request.history.columns(model)).ok());
  Page page = session.score(request.candidates.columns(model), request.rows);
  REQUIRE(page.status.ok());
  return page;
}

/// A memo that one request filled, as a file.
struct Saved {
  ModelFile file;
  Model model;
  Request request;
  Bytes bytes;

  explicit Saved(const Shape& shape, const std::string& isa = {})
      : file(shape), model(file.open()), request(random_request(model, kCandidates, kHistory, 1)) {
    PairMemoOptions options = kOptions;
    options.isa = isa;
    const PairMemo memo = value(PairMemo::create(model, options));
    page_of(model, request, &memo, isa);
    bytes = saved(memo);
  }
};

std::string refusal(const Model& model, const Bytes& bytes, const PairMemoOptions& options = kOptions) {
  const MemoFile file(bytes);
  const auto memo = PairMemo::open(model, file.path(), options);
  REQUIRE(!memo.ok());
  return memo.status().message();
}

/// The ISAs here that compute with kernels.
std::vector<std::string> kernel_isas() {
  std::vector<std::string> names;
  for (const Isa& isa : isas()) {
    if (isa.available && std::string_view(isa.name) != "reference") names.emplace_back(isa.name);
  }
  return names;
}

}  // namespace

TEST_CASE("saved memo: opened or read it knows every pair, and scores are the same", "[memo]") {
  for (const Shape& shape : {Shape{.seed = 111}, Shape{.two_interests = true, .seed = 112},
                             Shape{.two_interests = true, .mixed_interests = true, .seed = 113},
                             Shape{.compute = format::Compute::int8, .seed = 114}}) {
    const Saved from(shape);
    const MemoFile file(from.bytes);
    const Page expected = page_of(from.model, from.request, nullptr);
    const Model again = from.file.open();  // another process would open it so
    for (const auto load : {&PairMemo::open, &PairMemo::read}) {
      const PairMemo memo = value(load(again, file.path(), kOptions));
      CHECK(memo.verify().ok());
      CHECK(page_of(again, from.request, &memo).scores == expected.scores);
      CHECK(memo.counters().computed == 0);
      CHECK(memo.counters().found > 0);
      const std::uint64_t kept = memo.counters().kept;
      const Request other = random_request(again, kCandidates, kHistory, 2);
      CHECK(page_of(again, other, &memo).scores == page_of(again, other, nullptr).scores);
      CHECK((memo.counters().kept > kept) == (load == &PairMemo::read));
    }
  }
}

TEST_CASE("saved memo: it opens inside another file and in memory, at multiples of 64", "[memo]") {
  const Saved from({.seed = 123});
  const Page expected = page_of(from.model, from.request, nullptr);
  Bytes package(128 + from.bytes.size() + 100, 'x');
  std::copy(from.bytes.begin(), from.bytes.end(), package.begin() + 128);
  const MemoFile file(package);
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> open(std::fopen(file.path(), "rb"), std::fclose);
  const int descriptor = ::fileno(open.get());
  const PairMemo mapped = value(PairMemo::open(from.model, descriptor, 128, from.bytes.size(), kOptions));
  CHECK(page_of(from.model, from.request, &mapped).scores == expected.scores);
  CHECK(mapped.counters().computed == 0);
  CHECK_THAT(PairMemo::open(from.model, descriptor, 132, from.bytes.size(), kOptions).status().message(),
             ContainsSubstring("multiple of 64"));

  const auto raw = std::as_bytes(std::span(from.bytes));
  const AlignedBytes bytes(std::vector(raw.begin(), raw.end()));
  int released = 0;
  const MemoryOwner owner{[](void* count) { ++*static_cast<int*>(count); }, &released};
  {
    const PairMemo memo = value(PairMemo::from_memory(from.model, bytes.span(), owner, kOptions));
    CHECK(page_of(from.model, from.request, &memo).scores == expected.scores);
    CHECK(memo.counters().computed == 0);
    CHECK(memo.verify().ok());
    CHECK(released == 0);
  }
  CHECK(released == 1);
  CHECK(PairMemo::from_memory(from.model, bytes.span().subspan(8), owner, kOptions).status().code() ==
        Code::invalid_argument);
  CHECK(released == 2);
  PairMemoOptions nowhere = kOptions;
  nowhere.isa = "no such ISA";
  CHECK(!PairMemo::from_memory(from.model, bytes.span(), owner, nowhere).ok());
  CHECK(released == 3);
}

TEST_CASE("saved memo: what was read can be saved again, byte for byte", "[memo]") {
  const Saved from({.seed = 115});
  const MemoFile file(from.bytes);
  CHECK(saved(value(PairMemo::read(from.model, file.path(), kOptions))) == from.bytes);
  CHECK(saved(value(PairMemo::open(from.model, file.path(), kOptions))) == from.bytes);
}

TEST_CASE("saved memo: one of another model, ISA or arithmetic is refused", "[memo]") {
  const Saved from({.compute = format::Compute::int8, .seed = 116});
  const ModelFile retrained(Shape{.compute = format::Compute::int8, .seed = 117});
  CHECK_THAT(refusal(retrained.open(), from.bytes), ContainsSubstring("the memo is of the model with the id"));
  PairMemoOptions other = kOptions;
  other.isa = "reference";
  CHECK_THAT(refusal(from.model, from.bytes, other), ContainsSubstring("this is 'reference"));
  const auto scorer = Scorer::create(from.model, {.integers = Integers::always});
  if (!scorer->uses_integers()) return;
  other = kOptions;
  other.integers = Integers::never;
  CHECK_THAT(refusal(from.model, from.bytes, other), ContainsSubstring("integers"));
}

TEST_CASE("saved memo: where it is allowed, logits of another ISA give scores within 1e-6", "[memo]") {
  for (const auto compute : {format::Compute::f32, format::Compute::int8}) {
    const Shape shape{.compute = compute, .seed = 121};
    for (const std::string& theirs : kernel_isas()) {
      const Saved from(shape, theirs);
      const MemoFile file(from.bytes);
      for (const std::string& ours : kernel_isas()) {
        INFO(theirs << " on " << ours);
        PairMemoOptions options = kOptions;
        options.isa = ours;
        options.any_arithmetic = true;
        const auto opened = PairMemo::open(from.model, file.path(), options);
        if (!opened.ok()) {  // one computes this model in integers, the other does not
          CHECK_THAT(opened.status().message(), ContainsSubstring("another unit, or in "));
          continue;
        }
        CHECK(opened->arithmetic().starts_with(theirs + ","));
        const Page page = page_of(from.model, from.request, &*opened, ours);
        const Page expected = page_of(from.model, from.request, nullptr, ours);
        CHECK(opened->counters().computed == 0);
        for (std::size_t n = 0; n < page.scores.size(); ++n) {
          CHECK(std::fabs(page.scores[n] - expected.scores[n]) <= 1e-6f);
        }
      }
    }
  }
}

TEST_CASE("saved memo: one that another arithmetic began is nobody's own", "[memo]") {
  const std::vector<std::string> isas = kernel_isas();
  if (isas.size() < 2) SKIP("one ISA only");
  const Saved from({.seed = 122}, isas[1]);
  const MemoFile file(from.bytes);
  PairMemoOptions options = kOptions;
  options.isa = isas[0];
  CHECK_THAT(refusal(from.model, from.bytes, options), ContainsSubstring("any_arithmetic takes it"));
  options.any_arithmetic = true;
  const PairMemo both = value(PairMemo::read(from.model, file.path(), options));
  CHECK(both.arithmetic() ==
        "mixed: " + std::string(value(PairMemo::open(from.model, file.path(), options)).arithmetic()));
  const MemoFile again(saved(both));
  CHECK(value(PairMemo::read(from.model, again.path(), options)).arithmetic() == both.arithmetic());
  for (const std::string& isa : {isas[0], isas[1]}) {
    PairMemoOptions strict = kOptions;
    strict.isa = isa;
    CHECK_THAT(refusal(from.model, saved(both), strict), ContainsSubstring("computed by 'mixed: "));
  }
}

TEST_CASE("saved memo: a file that is cut or changed is refused, or found by verify()", "[memo]") {
  const Saved from({.seed = 118});
  CHECK_THAT(refusal(from.model, Bytes(10)), ContainsSubstring("too short"));
  CHECK_THAT(refusal(from.model, Bytes(4096)), ContainsSubstring("begins otherwise"));
  for (const std::size_t left : {std::size_t{100}, std::size_t{200}, from.bytes.size() - 1}) {
    CAPTURE(left);
    refusal(from.model, Bytes(from.bytes.begin(), from.bytes.begin() + static_cast<std::ptrdiff_t>(left)));
  }
  constexpr std::size_t kFrame = 96 + 48;  // the header and its only part
  for (std::size_t at = 0; at < kFrame; ++at) {
    CAPTURE(at);
    Bytes changed = from.bytes;
    changed[at] = static_cast<char>(changed[at] ^ 0x10);
    refusal(from.model, changed);
  }
  Bytes changed = from.bytes;
  changed[changed.size() / 2] = static_cast<char>(changed[changed.size() / 2] ^ 1);
  const MemoFile file(changed);
  CHECK_THAT(value(PairMemo::open(from.model, file.path(), kOptions)).verify().message(), ContainsSubstring("damaged"));
  CHECK(PairMemo::read(from.model, file.path(), kOptions).status().code() == Code::bad_file);
}

TEST_CASE("saved memo: any bytes in its blocks lead nowhere else", "[memo]") {
  const Saved from({.seed = 119});
  std::mt19937 random(1);
  for (int round = 0; round < 20; ++round) {
    Bytes changed = from.bytes;
    for (std::size_t i = 192; i < changed.size(); i += 1 + random() % 64) changed[i] = static_cast<char>(random());
    const MemoFile file(changed);
    const PairMemo memo = value(PairMemo::open(from.model, file.path(), kOptions));
    CHECK(page_of(from.model, from.request, &memo).scores.size() == from.request.rows);
  }
}

TEST_CASE("saved memo: a sink that takes no more ends saving with an error", "[memo]") {
  const ModelFile file(Shape{.seed = 120});
  const PairMemo memo = value(PairMemo::create(file.open(), kOptions));
  int calls = 0;
  const MemoSink full{[](void* count, const void*, std::size_t) { return ++*static_cast<int*>(count) < 2; }, &calls};
  CHECK(memo.save(full).code() == Code::io_error);
  CHECK(calls == 2);
  CHECK(memo.save({}).code() == Code::invalid_argument);
}

}  // namespace dinghy::tests
