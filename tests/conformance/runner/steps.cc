#include "tests/conformance/runner/steps.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "tests/conformance/runner/values.h"

using nlohmann::json;

namespace dinghy::conformance {
namespace {

constexpr double kTolerance = 1e-5;  // that of the golden cases

constexpr const char* kCodes[] = {"ok",
                                  "io_error",
                                  "bad_file",
                                  "unsupported",
                                  "out_of_memory",
                                  "unknown_isa",
                                  "unavailable_isa",
                                  "invalid_argument",
                                  "limit_exceeded",
                                  "missing_id",
                                  "empty_history",
                                  "wrong_scores",
                                  "version_mismatch"};
constexpr const char* kRoles[] = {"user", "context", "candidate", "history"};
constexpr const char* kKinds[] = {"id", "bag", "dense"};
constexpr const char* kIntegers[] = {"when_faster", "always", "never"};

template <std::size_t N>
std::size_t index_of(const char* const (&words)[N], const std::string& word) {
  const auto found = std::find(std::begin(words), std::end(words), word);
  if (found == std::end(words)) throw std::invalid_argument("unknown word '" + word + "'");
  return static_cast<std::size_t>(found - std::begin(words));
}

class Run {
 public:
  Run(const std::string& models, Binding& binding) : models_(models), binding_(binding) {}

  /// What is wrong with the step; empty where nothing is.
  std::string step(const json& step) {
    const std::string call = step.at("call");
    const std::string wanted = step.value("error", "ok");
    const auto code = static_cast<std::size_t>(dispatch(call, step));
    const std::string got = code < std::size(kCodes) ? kCodes[code] : "code " + std::to_string(code);
    if (got != wanted) return "it gave " + got + " instead of " + wanted;
    return got == "ok" ? compare(call, step) : std::string();
  }

 private:
  int dispatch(const std::string& call, const json& step) {
    if (call == "open") return open(step);
    if (call == "verify") return binding_.verify();
    if (call == "selftest") return binding_.selftest(step.value("isa", ""));
    if (call == "prefetch") return binding_.prefetch(rows_of(step, "columns", features_));
    if (call == "create") return create(step);
    if (call == "set") return set(step);
    if (call == "append") return binding_.append(rows_of(step, "history", features_));
    if (call == "score") return score(step);
    if (call == "rescore") return rescore(step);
    if (call == "close_model") {
      binding_.close_model();
    } else if (call != "features" && call != "missing_ids" && call != "history_lengths") {
      throw std::invalid_argument("unknown call '" + call + "'");
    }
    return 0;
  }

  int open(const json& step) {
    const std::string path = models_ + "/" + step.at("model").get<std::string>() + ".dinghy";
    const int code = step.value("from", "path") == "memory" ? open_memory(path) : binding_.open(path);
    if (code == 0) features_ = binding_.features();
    return code;
  }

  int open_memory(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    std::vector<std::uint64_t> memory(bytes.size() / sizeof(std::uint64_t) + 1);
    std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(memory.data()));
    return binding_.open_memory(std::move(memory), bytes.size());
  }

  int create(const json& step) {
    Settings settings;
    settings.max_candidates = step.value("max_candidates", 0);
    settings.max_history = step.value("max_history", 0);
    settings.memo_bytes = step.value("memo_bytes", 0);
    settings.isa = step.value("isa", "");
    settings.integers = index_of(kIntegers, step.value("integers", "when_faster"));
    return binding_.create(settings);
  }

  int set(const json& step) {
    Part features = values_of(step, "user", features_);
    for (Values& column : values_of(step, "context", features_)) features.push_back(std::move(column));
    return binding_.set(features, rows_of(step, "history", features_));
  }

  int score(const json& step) {
    rows_ = row_count(step, "candidates");
    make_room(step);
    return binding_.score(rows_of(step, "candidates", features_), scores_, attention_);
  }

  int rescore(const json& step) {
    make_room(step);
    return binding_.rescore(scores_, attention_);
  }

  void make_room(const json& step) {
    scores_.assign(rows_, -1.0f);
    std::size_t weights = 0;
    if (step.value("attention", json()).is_array()) {
      for (const std::size_t length : binding_.history_lengths()) weights += rows_ * length;
    }
    attention_.assign(weights, -1.0f);
  }

  std::string compare(const std::string& call, const json& step) {
    if (call == "features") return compare_features(step.at("expect"));
    if (call == "missing_ids") return compare_json(binding_.missing_ids(step.at("feature")), step.at("expect"));
    if (call == "history_lengths") return compare_json(binding_.history_lengths(), step.at("expect"));
    if (call == "score" || call == "rescore") return compare_scores(step);
    return {};
  }

  static std::string compare_json(const json& got, const json& expected) {
    return got == expected ? std::string() : "it gave " + got.dump() + " instead of " + expected.dump();
  }

  std::string compare_features(const json& expected) const {
    json got = json::object();
    for (const FeatureInfo& f : features_) {
      json& feature = got[f.name];
      feature["role"] = kRoles[f.role];
      feature["kind"] = kKinds[f.kind];
      feature["width"] = f.width;
      feature["history"] = f.history;
      feature["strings"] = f.strings;
    }
    return compare_json(got, expected);
  }

  std::string compare_scores(const json& step) {
    if (step.contains("scores")) {
      const std::string wrong = difference(scores_, flat(step.at("scores")), kTolerance);
      if (!wrong.empty()) return "scores: " + wrong;
    }
    if (step.contains("attention")) {
      const std::string wrong = difference(attention_, flat(step.at("attention")), kTolerance);
      if (!wrong.empty()) return "attention: " + wrong;
    }
    if (step.contains("equals")) {
      const std::string wrong = difference(scores_, labelled(step.at("equals"), step), 0);
      if (!wrong.empty()) return "scores, bit for bit: " + wrong;
    }
    if (step.contains("label")) labels_[step.at("label")] = scores_;
    return {};
  }

  /// The scores of an earlier step, or those of `rows` of them.
  std::vector<float> labelled(const std::string& label, const json& step) const {
    const std::vector<float>& all = labels_.at(label);
    if (!step.contains("rows")) return all;
    std::vector<float> some;
    for (const std::size_t row : step.at("rows")) some.push_back(all.at(row));
    return some;
  }

  const std::string& models_;
  Binding& binding_;
  std::vector<FeatureInfo> features_;
  std::size_t rows_ = 0;  // of the last score
  std::vector<float> scores_, attention_;
  std::map<std::string, std::vector<float>> labels_;
};

}  // namespace

std::string run_case(const json& steps, const std::string& models, Binding& binding) {
  Run run(models, binding);
  std::size_t number = 0;
  for (const json& step : steps) {
    std::string wrong;
    try {
      wrong = run.step(step);
    } catch (const std::exception& error) {  // a case that is written wrongly
      wrong = error.what();
    }
    if (!wrong.empty()) return "step " + std::to_string(number) + " (" + step.value("call", "?") + "): " + wrong;
    ++number;
  }
  return {};
}

}  // namespace dinghy::conformance
