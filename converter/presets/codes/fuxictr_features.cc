#include "converter/presets/codes/fuxictr_features.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "converter/error.h"
#include "converter/text/json_depth.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kMaxLength = 1 << 20;  // of a history; far above what any attention can be trained on
constexpr std::int64_t kMaxRow = 1ll << 48;   // of a table; far above what any memory holds

using Specs = std::vector<std::pair<std::string, Json>>;  // of the features, in their order

class FeatureMapReader {
 public:
  FeatureMapReader(const Document& document, const FuxictrParameters& parameters)
      : document_(document), parameters_(parameters) {}

  std::vector<FuxictrFeature> read() {
    Specs specs = read_map();
    if (parameters_.use_features) use_features(specs);
    if (!parameters_.feature_specs.empty()) merge(specs);
    std::vector<FuxictrFeature> features;
    for (const auto& [name, spec] : specs) {
      if (text(spec, "type") != "meta") features.push_back(feature(name, spec));
    }
    return features;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const { throw Error(document_.source, what); }

  Specs read_map() const {
    check_json_depth(document_.text, document_.source);
    const Json map = Json::parse(document_.text, nullptr, false);
    if (map.is_discarded()) fail("is not JSON");
    if (!map.is_object()) fail("is not a JSON object");
    Specs specs;
    const auto add = [&](const std::string& name, const Json& spec) {
      if (!spec.is_object()) fail("the feature " + in_quotes(name) + " is not an object");
      specs.emplace_back(name, spec);
    };
    if (map.contains("features") && map["features"].is_array()) {
      for (const Json& entry : map["features"]) {
        if (!entry.is_object()) fail("\"features\" has an element that is not an object");
        for (const auto& [name, spec] : entry.items()) add(name, spec);
      }
    } else if (map.contains("feature_specs") && map["feature_specs"].is_object()) {
      for (const auto& [name, spec] : map["feature_specs"].items()) add(name, spec);
    } else {
      fail("has neither \"features\" nor \"feature_specs\"; FuxiCTR writes one of them");
    }
    return specs;
  }

  Json& spec_of(Specs& specs, const std::string& name, const char* parameter) const {
    const auto found = std::ranges::find(specs, name, &Specs::value_type::first);
    if (found != specs.end()) return found->second;
    fail("has no feature " + in_quotes(name) + ", which " + parameter + " of " + parameters_.source + " names");
  }

  // features.py:75: only these, in this order.
  void use_features(Specs& specs) const {
    Specs used;
    for (const std::string& name : *parameters_.use_features) {
      used.emplace_back(name, spec_of(specs, name, "use_features"));
    }
    specs = std::move(used);
  }

  // features.py:80-95: every key of an entry but its name, one or a list of them, replaces that of the map.
  void merge(Specs& specs) const {
    const Json entries = Json::parse(parameters_.feature_specs, nullptr, false);
    const auto wrong = [&] {
      throw Error(parameters_.source, "feature_specs is not a list of objects, each with a \"name\"");
    };
    if (!entries.is_array()) wrong();
    for (const Json& entry : entries) {
      if (!entry.is_object() || !entry.contains("name")) wrong();
      const Json names = entry["name"].is_array() ? entry["name"] : Json::array({entry["name"]});
      for (const Json& name : names) {
        if (!name.is_string()) wrong();
        Json& spec = spec_of(specs, name.get<std::string>(), "feature_specs");
        for (const auto& [key, value] : entry.items()) {
          if (key != "name") spec[key] = value;
        }
      }
    }
  }

  FuxictrFeature feature(const std::string& name, const Json& spec) const {
    FuxictrFeature feature;
    feature.name = name;
    feature.type = type(name, text(spec, "type"));
    feature.source = text(spec, "source");
    feature.share = text(spec, "share_embedding");
    feature.encoders = encoders(name, spec, spec.contains("encoder") ? "encoder" : "feature_encoder");
    feature.numbers = static_cast<std::uint32_t>(number(name, spec, "pretrain_dim", kMaxLength).value_or(1));
    feature.max_length = static_cast<std::uint32_t>(number(name, spec, "max_len", kMaxLength).value_or(0));
    feature.padding_row = number(name, spec, "padding_idx", kMaxRow);
    feature.unknown_row = number(name, spec, "oov_idx", kMaxRow);
    feature.frozen = spec.contains("freeze_emb") && spec["freeze_emb"] == true;
    feature.usage = text(spec, "pretrain_usage");
    return feature;
  }

  FuxictrFeature::Type type(const std::string& name, const std::string& word) const {
    using Type = FuxictrFeature::Type;
    static const std::map<std::string, Type> kTypes = {{"numeric", Type::numeric},
                                                       {"categorical", Type::categorical},
                                                       {"sequence", Type::sequence},
                                                       {"embedding", Type::embedding}};
    const auto known = kTypes.find(word);
    if (known == kTypes.end()) fail("the feature " + in_quotes(name) + " has the unknown type " + in_quotes(word));
    return known->second;
  }

  // Python's truth: null, "" and [] stand for none, as does a key that is not there.
  std::vector<FuxictrEncoder> encoders(const std::string& name, const Json& spec, const char* key) const {
    const auto found = spec.find(key);
    if (found == spec.end() || found->is_null() || *found == "") return {};
    std::vector<std::string> expressions;
    for (const Json& expression : found->is_array() ? *found : Json::array({*found})) {
      if (!expression.is_string()) fail(std::string(key) + " of " + in_quotes(name) + " is no text or list of texts");
      expressions.push_back(expression.get<std::string>());
    }
    return fuxictr_encoders(expressions, found->is_array(), document_.source + ": the feature " + in_quotes(name));
  }

  // null stands for none, as does a key that is not there.
  static std::string text(const Json& spec, const char* key) {
    const auto found = spec.find(key);
    if (found == spec.end() || found->is_null()) return "";
    return found->is_string() ? found->get<std::string>() : found->dump();
  }

  std::optional<std::int64_t> number(const std::string& name, const Json& spec, const char* key,
                                     std::int64_t most) const {
    const auto found = spec.find(key);
    if (found == spec.end() || found->is_null()) return std::nullopt;
    const bool whole = found->is_number_integer();
    if (!whole || *found < 0 || *found > most) fail(std::string(key) + " of " + in_quotes(name) + " is out of range");
    return found->get<std::int64_t>();
  }

  const Document& document_;
  const FuxictrParameters& parameters_;
};

}  // namespace

std::vector<FuxictrEncoder>::const_iterator FuxictrFeature::pooling() const {
  return std::ranges::find(encoders, FuxictrEncoder::Kind::pooling, &FuxictrEncoder::kind);
}

std::span<const FuxictrEncoder> FuxictrFeature::encoders_of_rows() const {
  if (!has_table()) return {};
  return {encoders.begin(), pooling()};
}

std::span<const FuxictrEncoder> FuxictrFeature::encoders_of_vector() const {
  if (!has_table()) return encoders;
  return {pooling() == encoders.end() ? pooling() : pooling() + 1, encoders.end()};
}

std::vector<FuxictrFeature> read_feature_map(const Document& document, const FuxictrParameters& parameters) {
  return FeatureMapReader(document, parameters).read();
}

}  // namespace dinghy::converter
