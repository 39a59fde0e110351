// The C API.
#include <map>
#include <memory>

#include "dinghy/dinghy.h"
#include "tests/conformance/runner/binding.h"

namespace dinghy::conformance {
namespace {

struct Free {
  void operator()(dinghy_model* model) const { dinghy_model_free(model); }
  void operator()(dinghy_pair_memo* memo) const { dinghy_pair_memo_free(memo); }
  void operator()(dinghy_user_state* user) const { dinghy_user_state_free(user); }
  void operator()(dinghy_scorer* scorer) const { dinghy_scorer_free(scorer); }
};

using Numbers = std::map<std::string, std::uint32_t>;  // of features, by name

/// A part as the C API takes it; points into the part.
class Columns {
 public:
  Columns(const Numbers& numbers, const Part& part) : strings_(part.size()) {
    for (std::size_t i = 0; i < part.size(); ++i) {
      for (const std::string& text : part[i].strings) strings_[i].push_back({text.data(), text.size()});
      const auto found = numbers.find(part[i].feature);
      columns_.push_back(column(found == numbers.end() ? UINT32_MAX : found->second, part[i], strings_[i]));
    }
  }

  const dinghy_column* data() const { return columns_.data(); }
  std::size_t size() const { return columns_.size(); }

 private:
  static dinghy_column column(std::uint32_t feature, const Values& values, const std::vector<dinghy_string>& strings) {
    const std::uint32_t* const offsets = values.offsets.empty() ? nullptr : values.offsets.data();
    switch (values.kind) {
      case Values::Kind::strings:
        return dinghy_string_bags(feature, strings.data(), strings.size(), offsets, values.offsets.size());
      case Values::Kind::numbers:
        return dinghy_numbers(feature, values.numbers.data(), values.numbers.size());
      case Values::Kind::ids:
        break;
    }
    return dinghy_bags(feature, values.ids.data(), values.ids.size(), offsets, values.offsets.size());
  }

  std::vector<std::vector<dinghy_string>> strings_;
  std::vector<dinghy_column> columns_;
};

class CBinding final : public Binding {
 public:
  int open(const std::string& path) override {
    dinghy_model* model = nullptr;
    const dinghy_code code = dinghy_model_open(path.c_str(), &model, nullptr);
    return take(model, code);
  }
  int open_memory(std::vector<std::uint64_t> bytes, std::size_t size) override {
    dinghy_model* model = nullptr;
    memory_ = std::move(bytes);
    const dinghy_code code = dinghy_model_from_memory(memory_.data(), size, &model, nullptr);
    return take(model, code);
  }
  std::vector<FeatureInfo> features() const override {
    std::vector<FeatureInfo> features;
    for (std::size_t i = 0; i < dinghy_model_feature_count(model_.get()); ++i) {
      dinghy_feature f{};
      f.struct_size = sizeof f;
      dinghy_model_feature(model_.get(), i, &f, nullptr);
      features.push_back({f.name, f.role, f.kind, f.dense_width, f.in_history, f.string_ids});
    }
    return features;
  }
  int verify() override { return dinghy_model_verify(model_.get(), nullptr); }
  int selftest(const std::string& isa) override { return dinghy_model_selftest(model_.get(), isa.c_str(), nullptr); }
  int prefetch(const Part& part) override {
    const Columns columns(numbers_, part);
    return dinghy_model_prefetch(model_.get(), columns.data(), columns.size(), nullptr);
  }
  std::uint64_t missing_ids(const std::string& feature) const override {
    return dinghy_model_missing_ids(model_.get(), numbers_.at(feature));
  }
  void close_model() override { model_.reset(); }

  int create(const Settings& settings) override {
    scorer_.reset();
    user_.reset();
    memo_.reset();
    if (settings.memo_bytes > 0) {
      if (const int code = create_memo(settings)) return code;
    }
    dinghy_user_options user_options{};
    user_options.struct_size = sizeof user_options;
    user_options.max_history = settings.max_history;
    user_options.isa = settings.isa.c_str();
    dinghy_user_state* user = nullptr;
    if (const int code = dinghy_user_state_create(model_.get(), &user_options, &user, nullptr)) return code;
    user_.reset(user);
    dinghy_scorer_options options{};
    options.struct_size = sizeof options;
    options.max_candidates = settings.max_candidates;
    options.max_history = settings.max_history;
    options.isa = settings.isa.c_str();
    options.integers = settings.integers;
    options.memo = memo_.get();
    dinghy_scorer* scorer = nullptr;
    const int code = dinghy_scorer_create(model_.get(), &options, &scorer, nullptr);
    scorer_.reset(scorer);
    return code;
  }
  int set(const Part& features, const Part& history) override {
    const Columns who(numbers_, features), seen(numbers_, history);
    return dinghy_user_state_set(user_.get(), who.data(), who.size(), seen.data(), seen.size(), nullptr);
  }
  int append(const Part& behaviors) override {
    const Columns columns(numbers_, behaviors);
    return dinghy_user_state_append(user_.get(), columns.data(), columns.size(), nullptr);
  }
  std::vector<std::size_t> history_lengths() const override {
    std::vector<std::size_t> lengths;
    for (std::size_t i = 0; i < interests_; ++i) {
      lengths.push_back(dinghy_user_state_history_length(user_.get(), i));
    }
    return lengths;
  }
  int score(const Part& candidates, std::vector<float>& scores, std::vector<float>& attention) override {
    const Columns columns(numbers_, candidates);
    return dinghy_scorer_score(scorer_.get(), user_.get(), columns.data(), columns.size(), scores.data(), scores.size(),
                               attention.data(), attention.size(), nullptr);
  }
  int rescore(std::vector<float>& scores, std::vector<float>& attention) override {
    return dinghy_scorer_rescore(scorer_.get(), user_.get(), scores.data(), scores.size(), attention.data(),
                                 attention.size(), nullptr);
  }

 private:
  int take(dinghy_model* model, dinghy_code code) {
    model_.reset(model);
    if (code != DINGHY_OK) return code;
    interests_ = dinghy_model_interests(model);
    numbers_.clear();
    for (const FeatureInfo& feature : features()) {
      const std::int64_t number = dinghy_model_feature_number(model, feature.name.c_str());
      numbers_[feature.name] = static_cast<std::uint32_t>(number);
    }
    return code;
  }
  int create_memo(const Settings& settings) {
    dinghy_pair_memo_options options{};
    options.struct_size = sizeof options;
    options.bytes = settings.memo_bytes;
    options.isa = settings.isa.c_str();
    options.integers = settings.integers;
    dinghy_pair_memo* memo = nullptr;
    const int code = dinghy_pair_memo_create(model_.get(), &options, &memo, nullptr);
    memo_.reset(memo);
    return code;
  }

  std::vector<std::uint64_t> memory_;
  Numbers numbers_;
  std::size_t interests_ = 0;
  std::unique_ptr<dinghy_model, Free> model_;
  std::unique_ptr<dinghy_pair_memo, Free> memo_;
  std::unique_ptr<dinghy_user_state, Free> user_;
  std::unique_ptr<dinghy_scorer, Free> scorer_;
};

}  // namespace

std::unique_ptr<Binding> c_binding() { return std::make_unique<CBinding>(); }

}  // namespace dinghy::conformance
