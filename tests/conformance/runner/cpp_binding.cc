// The C++ API.
#include <map>
#include <optional>

#include "dinghy/pair_memo.h"
#include "dinghy/scorer.h"
#include "tests/conformance/runner/binding.h"

namespace dinghy::conformance {
namespace {

using Numbers = std::map<std::string, std::uint32_t>;  // of features, by name

/// A part as the C++ API takes it; points into the part.
class PartColumns {
 public:
  PartColumns(const Numbers& numbers, const Part& part) : strings_(part.size()) {
    for (std::size_t i = 0; i < part.size(); ++i) {
      strings_[i].assign(part[i].strings.begin(), part[i].strings.end());
      const auto found = numbers.find(part[i].feature);
      columns_.push_back(column(found == numbers.end() ? UINT32_MAX : found->second, part[i], strings_[i]));
    }
  }

  operator Columns() const { return columns_; }

 private:
  static Column column(std::uint32_t feature, const Values& values, const std::vector<std::string_view>& strings) {
    switch (values.kind) {
      case Values::Kind::strings:
        return Column::string_bags(feature, strings, values.offsets);
      case Values::Kind::numbers:
        return Column::numbers(feature, values.numbers);
      case Values::Kind::ids:
        break;
    }
    return Column::bags(feature, values.ids, values.offsets);
  }

  std::vector<std::vector<std::string_view>> strings_;
  std::vector<Column> columns_;
};

int code_of(const Status& status) { return static_cast<int>(status.code()); }

/// Puts what a call made into `place`; nothing after an error.
template <class T>
int keep(Result<T> made, std::optional<T>& place) {
  place.reset();
  if (made.ok()) place.emplace(std::move(*made));
  return code_of(made.status());
}

class CppBinding final : public Binding {
 public:
  int open(const std::string& path) override { return take(Model::open(path.c_str())); }
  int open_memory(std::vector<std::uint64_t> bytes, std::size_t size) override {
    memory_ = std::move(bytes);
    return take(Model::from_memory(std::as_bytes(std::span(memory_)).first(size)));
  }
  std::vector<FeatureInfo> features() const override {
    std::vector<FeatureInfo> features;
    for (const Feature& f : model_->features()) {
      features.push_back({std::string(f.name), static_cast<int>(f.role), static_cast<int>(f.kind), f.dense_width,
                          f.in_history, f.string_ids});
    }
    return features;
  }
  int verify() override { return code_of(model_->verify()); }
  int selftest(const std::string& isa) override { return code_of(model_->selftest(isa)); }
  int prefetch(const Part& part) override { return code_of(model_->prefetch(PartColumns(numbers_, part))); }
  std::uint64_t missing_ids(const std::string& feature) const override {
    return model_->missing_ids(numbers_.at(feature));
  }
  void close_model() override { model_.reset(); }

  int create(const Settings& settings) override {
    const auto integers = static_cast<Integers>(settings.integers);
    scorer_.reset();
    user_.reset();
    memo_.reset();
    if (settings.memo_bytes > 0) {
      PairMemoOptions options{.bytes = settings.memo_bytes, .isa = settings.isa, .integers = integers};
      if (const int code = keep(PairMemo::create(*model_, options), memo_)) return code;
    }
    UserOptions user_options{.isa = settings.isa};
    if (settings.max_history > 0) user_options.max_history = settings.max_history;
    if (const int code = keep(UserState::create(*model_, user_options), user_)) return code;
    ScorerOptions options{.isa = settings.isa, .integers = integers, .memo = memo_ ? &*memo_ : nullptr};
    if (settings.max_candidates > 0) options.max_candidates = settings.max_candidates;
    if (settings.max_history > 0) options.max_history = settings.max_history;
    return keep(Scorer::create(*model_, options), scorer_);
  }
  int set(const Part& features, const Part& history) override {
    return code_of(user_->set(PartColumns(numbers_, features), PartColumns(numbers_, history)));
  }
  int append(const Part& behaviors) override { return code_of(user_->append(PartColumns(numbers_, behaviors))); }
  std::vector<std::size_t> history_lengths() const override {
    std::vector<std::size_t> lengths;
    for (std::size_t i = 0; i < interests_; ++i) lengths.push_back(user_->history_length(i));
    return lengths;
  }
  int score(const Part& candidates, std::vector<float>& scores, std::vector<float>& attention) override {
    return code_of(scorer_->score(*user_, PartColumns(numbers_, candidates), scores, attention));
  }
  int rescore(std::vector<float>& scores, std::vector<float>& attention) override {
    return code_of(scorer_->rescore(*user_, scores, attention));
  }

 private:
  int take(Result<Model> made) {
    const int code = keep(std::move(made), model_);
    if (code != 0) return code;
    interests_ = model_->interests();
    numbers_.clear();
    for (const FeatureInfo& feature : features()) numbers_[feature.name] = *model_->feature(feature.name);
    return code;
  }

  std::vector<std::uint64_t> memory_;
  Numbers numbers_;
  std::size_t interests_ = 0;
  std::optional<Model> model_;
  std::optional<PairMemo> memo_;
  std::optional<UserState> user_;
  std::optional<Scorer> scorer_;
};

}  // namespace

std::unique_ptr<Binding> cpp_binding() { return std::make_unique<CppBinding>(); }

}  // namespace dinghy::conformance
