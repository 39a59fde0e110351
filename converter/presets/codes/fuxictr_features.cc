#include "converter/presets/codes/fuxictr_features.h"

#include <map>
#include <nlohmann/json.hpp>

#include "converter/error.h"
#include "converter/text/json_depth.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kMaxLength = 1 << 20;  // of a history; far above what any attention can be trained on
constexpr std::int64_t kMaxRow = 1ll << 48;   // of a table; far above what any memory holds

class FeatureMapReader {
 public:
  explicit FeatureMapReader(const Document& document) : document_(document) {}

  std::vector<FuxictrFeature> read() {
    check_json_depth(document_.text, document_.source);
    const Json map = Json::parse(document_.text, nullptr, false);
    if (map.is_discarded()) fail("is not JSON");
    if (!map.is_object()) fail("is not a JSON object");
    std::vector<FuxictrFeature> features;
    const auto add = [&](const std::string& name, const Json& spec) {
      if (!spec.is_object()) fail("the feature " + in_quotes(name) + " is not an object");
      if (text(spec, "type") != "meta") features.push_back(feature(name, spec));
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
    return features;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const { throw Error(document_.source, what); }

  FuxictrFeature feature(const std::string& name, const Json& spec) const {
    FuxictrFeature feature;
    feature.name = name;
    feature.type = type(name, text(spec, "type"));
    feature.source = text(spec, "source");
    feature.share = text(spec, "share_embedding");
    feature.encoder = text(spec, spec.contains("encoder") ? "encoder" : "feature_encoder");
    feature.max_length = static_cast<std::uint32_t>(number(name, spec, "max_len", kMaxLength).value_or(0));
    feature.padding_row = number(name, spec, "padding_idx", kMaxRow);
    feature.unknown_row = number(name, spec, "oov_idx", kMaxRow);
    feature.frozen = spec.contains("freeze_emb") && spec["freeze_emb"] == true;
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

  // null stands for none, as does a key that is not there. A list of encoders is told from none, and refused later.
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
};

}  // namespace

std::vector<FuxictrFeature> read_feature_map(const Document& document) { return FeatureMapReader(document).read(); }

}  // namespace dinghy::converter
