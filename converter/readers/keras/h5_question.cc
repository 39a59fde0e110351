#include "converter/readers/keras/h5_question.h"

#include <nlohmann/json.hpp>

namespace dinghy::converter {

using Json = nlohmann::json;

std::string to_bytes(const H5Question& question) {
  Json json{{"where", question.where}, {"names", question.names}};
  if (question.rows) json["rows"] = {question.rows->path, question.rows->first, question.rows->count};
  std::string bytes;
  Json::to_cbor(json, bytes);
  return bytes;
}

H5Question question_of(std::string_view bytes) {
  const Json json = Json::from_cbor(bytes);
  H5Question question{json.at("where"), json.at("names").get<LayerNames>(), std::nullopt};
  if (json.contains("rows")) {
    const Json& rows = json["rows"];
    question.rows = H5Rows{rows.at(0), rows.at(1), rows.at(2)};
  }
  return question;
}

}  // namespace dinghy::converter
