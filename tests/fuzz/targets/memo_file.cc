// A saved memo with damage anywhere, also with the hash of its header set right, opened beside its model and scored
// with. Whole it gives the scores that there are without a memo; damaged it is refused, found by verify(), or the
// damage lies where nothing is read.
#include <fuzzer/FuzzedDataProvider.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "dinghy/pair_memo.h"
#include "dinghy/user_state.h"
#include "engine/memo/file.h"
#include "schema/xxh64.h"
#include "tests/engine/saved_memo.h"
#include "tests/fuzz/drawn_columns.h"
#include "tests/fuzz/sample_models.h"

namespace dinghy::fuzz {
namespace {

using Bytes = std::vector<char>;
using memo::FileHeader, memo::FilePart;

constexpr std::size_t kCandidates = 12, kHistory = 20;

[[noreturn]] void die(const char* what) {
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

/// Scores of a drawn request; nothing where the model refuses it.
std::optional<std::vector<float>> scored(const Model& model, const PairMemo* memo, std::uint16_t request) {
  tests::Random random(request);
  auto user = UserState::create(model, {.max_history = kHistory});
  auto scorer = Scorer::create(
      model,
      {.max_candidates = kCandidates, .max_history = kHistory, .isa = {}, .integers = Integers::always, .memo = memo});
  if (!user.ok() || !scorer.ok()) return {};
  const DrawnColumns features(model, Side::user, 1, 0, random);
  const DrawnColumns history(model, Side::history, kHistory, 0, random);
  const DrawnColumns candidates(model, Side::candidates, kCandidates, 0, random);
  std::vector<float> scores(kCandidates);
  if (!user->set(features.columns(), history.columns()).ok()) return {};
  if (!scorer->score(*user, candidates.columns(), scores).ok()) return {};
  return scores;
}

/// A model and a memo of it, dense and hashed, that knows some requests.
struct Sample {
  Model model;
  Bytes memo;
};

constexpr PairMemoOptions kKinds[] = {{.bytes = 1 << 16, .items = 100, .isa = {}, .integers = Integers::always},
                                      {.bytes = 1 << 18, .items = 5000, .isa = {}, .integers = Integers::always}};

std::vector<Sample> make_samples() {
  std::vector<Sample> samples;
  for (const tests::AlignedBytes& file : sample_models()) {
    const Model model = *Model::from_memory(file.span());
    for (const PairMemoOptions& options : kKinds) {
      const auto memo = PairMemo::create(model, options);
      if (!memo.ok()) continue;
      for (std::uint16_t request = 0; request < 3; ++request) scored(model, &*memo, request);
      Sample& sample = samples.emplace_back(model, Bytes());
      if (!memo->save(tests::sink_into(sample.memo)).ok()) samples.pop_back();
    }
  }
  if (samples.empty()) die("no sample has a memo");
  return samples;
}

/// Makes the header's hash right again, so that what stands behind it is looked at.
void rehash(Bytes& file) {
  FileHeader header;
  if (file.size() < sizeof header) return;
  std::memcpy(&header, file.data(), sizeof header);
  const std::size_t parts = std::min((file.size() - sizeof header) / sizeof(FilePart), std::size_t{header.parts});
  header.hash = 0;
  format::Xxh64 hash;
  hash.add(std::as_bytes(std::span(&header, 1)));
  hash.add(std::as_bytes(std::span(file.data() + sizeof header, parts * sizeof(FilePart))));
  header.hash = hash.digest();
  std::memcpy(file.data(), &header, sizeof header);
}

/// Changes bytes, mostly of the frame; returns whether it changed any.
bool damage(Bytes& file, FuzzedDataProvider& data) {
  const Bytes whole = file;
  const std::size_t frame = std::min<std::size_t>(file.size(), sizeof(FileHeader) + 4 * sizeof(FilePart));
  for (int changes = data.ConsumeIntegralInRange(0, 8); changes > 0; --changes) {
    const std::size_t end = data.ConsumeBool() ? frame : file.size();
    const std::size_t at = data.ConsumeIntegralInRange<std::size_t>(0, end - 1);
    file[at] = static_cast<char>(data.ConsumeIntegral<std::uint8_t>());
  }
  if (data.ConsumeIntegral<std::uint8_t>() < 32) file.resize(data.ConsumeIntegralInRange<std::size_t>(0, file.size()));
  if (data.ConsumeBool()) rehash(file);
  return file != whole;
}

void run(FuzzedDataProvider& data) {
  static const std::vector<Sample> samples = make_samples();
  const Sample& sample = samples[data.ConsumeIntegral<std::uint8_t>() % samples.size()];
  const auto request = data.ConsumeIntegral<std::uint16_t>();
  PairMemoOptions options = kKinds[0];
  options.any_arithmetic = data.ConsumeBool();
  const bool copy = data.ConsumeBool();
  Bytes bytes = sample.memo;
  const bool damaged = damage(bytes, data);
  const tests::MemoFile file(bytes);
  const auto memo =
      copy ? PairMemo::read(sample.model, file.path(), options) : PairMemo::open(sample.model, file.path(), options);
  if (!memo.ok()) {
    if (!damaged) die("a sound memo that is refused");
    return;
  }
  if (memo->bytes() > bytes.size() + (1U << 16)) die("a memo that is larger than its file");
  const auto scores = scored(sample.model, &*memo, request);
  if (!damaged && scores != scored(sample.model, nullptr, request)) die("scores with a sound memo differ");
  if (!damaged && !memo->verify().ok()) die("a sound memo that verify() refuses");
  (void)memo->counters();
}

}  // namespace
}  // namespace dinghy::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  FuzzedDataProvider data(bytes, size);
  dinghy::fuzz::run(data);
  return 0;
}
