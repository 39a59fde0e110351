#include "converter/presets/codes/librecommender_settings.h"

#include <nlohmann/json.hpp>

#include "converter/error.h"
#include "converter/presets/codes/librecommender_files.h"
#include "converter/text/json_depth.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

constexpr std::uint32_t kUsualLength = 10;  // utils/validate.py:59, where neither number is given

}  // namespace

LibRecommenderSettings librecommender_settings(const Checkpoint& checkpoint) {
  const Document* document = librecommender_file(checkpoint, kLibRecommenderSettings);
  if (!document) return {};
  check_json_depth(document->text, document->source);
  const nlohmann::json root = nlohmann::json::parse(document->text, nullptr, false);
  if (!root.is_object()) throw Error(document->source, "is no JSON object; the package writes one");
  LibRecommenderSettings settings;
  settings.max_length = kUsualLength;
  for (const char* key : {"random_num", "recent_num"}) {  // utils/validate.py:48-55: recent_num goes first
    if (root.contains(key) && root[key].is_number_unsigned()) settings.max_length = root[key].get<std::uint32_t>();
  }
  settings.dot_attention = root.value("use_tf_attention", nlohmann::json()) == true;
  if (!root.contains("task")) return settings;
  settings.task = root["task"].is_string() ? root["task"].get<std::string>() : root["task"].dump();
  if (settings.task == "ranking" || settings.task == "rating") return settings;
  throw Error(document->source, "task is " + in_quotes(*settings.task) + "; the package knows ranking and rating");
}

}  // namespace dinghy::converter
