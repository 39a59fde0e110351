// Any sequence of calls on the C++ API, over several models, user states and scorers at once: sound calls, wrong ones,
// moves, copies and ends of life in any order, from a thread with any floating-point settings. A rescore gives the
// scores that a new scorer gives; the settings stay the caller's.
#include <fuzzer/FuzzedDataProvider.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "dinghy/isa.h"
#include "dinghy/pair_memo.h"
#include "dinghy/scorer.h"
#include "tests/engine/caller/float_settings.h"
#include "tests/fuzz/drawn_columns.h"
#include "tests/fuzz/sample_models.h"

namespace dinghy::fuzz {
namespace {

constexpr std::size_t kHandles = 3;
constexpr std::size_t kSizes[] = {0, 1, 5, 20, 60, SIZE_MAX, SIZE_MAX / 2, SIZE_MAX / 64};

class Session {
 public:
  explicit Session(FuzzedDataProvider& data) : Session(data, data.ConsumeIntegral<std::uint16_t>()) {}

  void run() {
    constexpr void (Session::* kCalls[])() = {
        &Session::open,    &Session::create_user, &Session::create_memo, &Session::create_scorer, &Session::set,
        &Session::set,     &Session::append,      &Session::append,      &Session::score,         &Session::score,
        &Session::rescore, &Session::rescore,     &Session::move,        &Session::destroy,       &Session::ask};
    for (int calls = 0; calls < 60 && data_.remaining_bytes() > 0; ++calls) {
      (this->*kCalls[data_.ConsumeIntegral<std::uint8_t>() % std::size(kCalls)])();
    }
  }

 private:
  Session(FuzzedDataProvider& data, std::uint16_t seed)
      : data_(data), random_(seed), hostility_(data.ConsumeIntegral<std::uint8_t>()), settings_(settings_of(seed)) {}

  static tests::FloatSettings settings_of(std::uint16_t seed) {
    static const std::vector<tests::NamedSettings> all = tests::all_float_settings();
    return all[seed % all.size()].settings;
  }
  /// Calls the engine with the session's floating-point settings.
  template <class Call>
  auto call(Call call) const {
    const tests::FloatSettings own = tests::FloatSettings::now();
    settings_.set();
    auto result = call();
    tests::FloatSettings after = tests::FloatSettings::now();
    after.x87 &= 0xffff;  // on i386 this target's own copies of numbers raise flags of the status word
    const bool kept = after == settings_;
    own.set();
    if (!kept) die("a call that changes the caller's floating-point settings");
    return result;
  }

  struct User {
    Model model;
    UserState state;
  };
  struct Ranker {
    Model model;
    Scorer scorer;
    std::optional<DrawnColumns> candidates;  // of the last successful score
    std::size_t rows = 0;
  };

  std::size_t pick(std::size_t count) { return data_.ConsumeIntegral<std::uint8_t>() % count; }
  DrawnColumns draw(const Model& model, Side side, std::size_t rows) {
    return DrawnColumns(model, side, rows, hostility_, random_);
  }
  std::string_view isa() {
    const auto all = isas();
    const std::size_t i = pick(all.size() + 2);
    return i < all.size() ? all[i].name : i == all.size() ? "" : "no such ISA";
  }
  /// One that is there, or a new one of the first sample.
  const Model& model() {
    std::optional<Model>& model = models_[pick(kHandles)];
    if (!model) model.emplace(*Model::from_memory(sample_models().front().span()));
    return *model;
  }

  void open() {
    const auto& samples = sample_models();
    const std::span<const std::byte> bytes = samples[pick(samples.size())].span();
    const auto given = bytes.first(pick(16) == 0 ? pick(256) : bytes.size());
    auto model = call([&] { return Model::from_memory(given); });
    if (model.ok()) models_[pick(kHandles)].emplace(*model);
  }
  void create_user() {
    const Model& of = model();
    const UserOptions options{.max_history = kSizes[pick(std::size(kSizes))], .isa = isa()};
    auto state = call([&] { return UserState::create(of, options); });
    if (state.ok()) users_[pick(kHandles)].emplace(of, std::move(*state));
  }
  void create_memo() {
    const Model& of = model();
    constexpr std::size_t kBytes[] = {0, 3000, 200000};
    const PairMemoOptions options{.bytes = kBytes[pick(3)], .items = pick(200), .isa = isa()};
    auto memo = call([&] { return PairMemo::create(of, options); });
    if (memo.ok()) memos_[pick(kHandles)] = *memo;
  }
  void create_scorer() {
    const Model& of = model();
    const std::size_t candidates = kSizes[pick(std::size(kSizes))], history = kSizes[pick(std::size(kSizes))];
    const std::optional<PairMemo>& memo = memos_[pick(kHandles)];
    const ScorerOptions options{.max_candidates = candidates,
                                .max_history = history,
                                .isa = isa(),
                                .integers = Integers::when_faster,
                                .memo = memo ? &*memo : nullptr};
    auto scorer = call([&] { return Scorer::create(of, options); });
    if (scorer.ok()) rankers_[pick(kHandles)].emplace(of, std::move(*scorer));
  }
  void set() {
    std::optional<User>& user = users_[pick(kHandles)];
    if (!user) return;
    const DrawnColumns features = draw(user->model, Side::user, 1);
    const DrawnColumns history = draw(user->model, Side::history, pick(70));
    (void)call([&] { return user->state.set(features.columns(), history.columns()); }).ok();
  }
  void append() {
    std::optional<User>& user = users_[pick(kHandles)];
    if (!user) return;
    const DrawnColumns clicks = draw(user->model, Side::history, pick(8) == 0 ? pick(80) : 1);
    (void)call([&] { return user->state.append(clicks.columns()); }).ok();
  }
  void score() {
    std::optional<Ranker>& ranker = rankers_[pick(kHandles)];
    const std::optional<User>& user = users_[pick(kHandles)];
    if (!ranker || !user) return;
    const std::size_t rows = pick(70);
    DrawnColumns candidates = draw(ranker->model, Side::candidates, rows);
    std::vector<float> scores(rows), attention(attention_size(*user, rows));
    const Status status =
        call([&] { return ranker->scorer.score(user->state, candidates.columns(), scores, attention); });
    ranker->candidates.reset();
    if (!status.ok()) return;
    ranker->candidates.emplace(std::move(candidates));
    ranker->rows = rows;
  }
  void rescore() {
    std::optional<Ranker>& ranker = rankers_[pick(kHandles)];
    const std::optional<User>& user = users_[pick(kHandles)];
    if (!ranker || !user) return;
    std::vector<float> scores(ranker->rows), attention(attention_size(*user, ranker->rows));
    if (!call([&] { return ranker->scorer.rescore(user->state, scores, attention); }).ok()) return;
    auto fresh = Scorer::create(ranker->model,
                                {.max_candidates = ranker->rows, .max_history = 100, .isa = ranker->scorer.isa()});
    std::vector<float> expected(ranker->rows);
    if (!fresh.ok() || !ranker->candidates) die("a rescore after no score");
    if (!fresh->score(user->state, ranker->candidates->columns(), expected).ok())
      die("a rescore of what score refuses");
    for (std::size_t n = 0; n < ranker->rows; ++n) {
      if (!(std::fabs(scores[n] - expected[n]) <= 1e-5f)) die("a rescore that differs from a score");
    }
  }
  void move() {
    std::optional<User>& user = users_[pick(kHandles)];
    std::optional<User>& other = users_[pick(kHandles)];
    if (user && other) std::swap(user->state, other->state), std::swap(user->model, other->model);
    std::optional<Ranker>& ranker = rankers_[pick(kHandles)];
    if (ranker) rankers_[pick(kHandles)] = Ranker(std::move(*ranker));
  }
  void destroy() {
    switch (pick(4)) {
      case 0:
        models_[pick(kHandles)].reset();
        break;
      case 1:
        memos_[pick(kHandles)].reset();
        break;
      case 2:
        users_[pick(kHandles)].reset();
        break;
      default:
        rankers_[pick(kHandles)].reset();
    }
  }
  void ask() {
    const Model& of = model();
    const DrawnColumns columns = draw(of, Side::candidates, pick(10));
    (void)call([&] { return of.prefetch(columns.columns()); }).ok();
    if (random_.below(8) == 0) (void)call([&] { return of.selftest(); }).ok();
    (void)of.feature("item");
    for (std::uint32_t f = 0; f < of.features().size(); ++f) (void)of.missing_ids(f);
  }

  static std::size_t attention_size(const User& user, std::size_t rows) {
    std::size_t size = 0;
    for (std::size_t i = 0; i < user.model.interests(); ++i) size += rows * user.state.history_length(i);
    return size;
  }
  [[noreturn]] static void die(const char* what) {
    std::fprintf(stderr, "%s\n", what);
    std::abort();
  }

  FuzzedDataProvider& data_;
  tests::Random random_;
  unsigned hostility_;
  tests::FloatSettings settings_;
  std::array<std::optional<Model>, kHandles> models_;
  std::array<std::optional<PairMemo>, kHandles> memos_;
  std::array<std::optional<User>, kHandles> users_;
  std::array<std::optional<Ranker>, kHandles> rankers_;
};

}  // namespace
}  // namespace dinghy::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  FuzzedDataProvider data(bytes, size);
  dinghy::fuzz::Session(data).run();
  return 0;
}
