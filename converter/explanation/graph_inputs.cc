#include "converter/explanation/graph_inputs.h"

#include <algorithm>

#include "converter/graph.h"
#include "converter/text/text_table.h"

namespace dinghy::converter {
namespace {

using Json = nlohmann::ordered_json;
using Kind = InputUse::Kind;

std::vector<InputUse> uses_of(const Conversion& conversion, const GraphInput& input) {
  std::vector<InputUse> uses;
  std::ranges::copy_if(conversion.input_uses, std::back_inserter(uses),
                       [&](const InputUse& use) { return use.input == input.name; });
  std::ranges::stable_sort(uses, {}, &InputUse::begin);
  return uses;
}

std::string shape_text(const GraphInput& input) {
  std::string text;
  for (const std::int64_t extent : input.shape) {
    text += (text.empty() ? "" : ", ") + (extent < 0 ? std::string("any") : std::to_string(extent));
  }
  return "[" + text + "]";
}

const char* type_word(const GraphInput& input) { return input.truth ? "bools" : input.integer ? "integers" : "floats"; }

std::string columns_text(const GraphInput& input, const InputUse& use) {
  if (input.shape.size() < 2 || static_cast<std::int64_t>(use.columns) == input.shape[1]) return "all";
  const std::string first = std::to_string(use.begin);
  return use.columns == 1 ? first : first + " to " + std::to_string(use.begin + use.columns - 1);
}

// A mask by ids names the id of padding. Where padding stands matters only to one by length.
bool names_padding(const Conversion& conversion) {
  return conversion.network.sequences.at(0).mask != format::Mask::length;
}

std::string becomes_text(const Conversion& conversion, const InputUse& use) {
  if (use.kind == Kind::mask) {
    return std::string("behaviours where it is ") + (use.true_at_behaviours ? "1" : "0") + "; requests do without it";
  }
  if (use.kind == Kind::length) {
    const bool left = conversion.network.sequences.at(0).pad_side == format::PadSide::left;
    return std::string("number of behaviours, padding ") + (left ? "before" : "behind") +
           " them; requests do without it";
  }
  const Feature& feature = conversion.network.features.at(use.feature);
  if (use.kind == Kind::feature) return feature.name + " of the " + format::EnumNameRole(feature.role);
  const std::string padding = names_padding(conversion) ? ", padding is " + std::to_string(feature.pad_id) : "";
  return feature.name + " of the history" + padding;
}

const char* kind_word(Kind kind) {
  switch (kind) {
    case Kind::feature:
      return "feature";
    case Kind::history:
      return "history";
    case Kind::mask:
      return "mask";
    case Kind::length:
      return "length";
  }
  return "";
}

void add_meaning(const Conversion& conversion, const InputUse& use, Json& object) {
  if (use.kind == Kind::mask) object["behaviours_at"] = use.true_at_behaviours ? 1 : 0;
  if (use.kind == Kind::length) {
    object["padding_side"] = format::EnumNamePadSide(conversion.network.sequences.at(0).pad_side);
  }
  if (use.kind != Kind::feature && use.kind != Kind::history) return;
  const Feature& feature = conversion.network.features.at(use.feature);
  object["feature"] = feature.name;
  object["kind"] = format::EnumNameFeatureKind(feature.kind);
  if (use.kind == Kind::feature) object["role"] = format::EnumNameRole(feature.role);
  if (use.kind == Kind::history)
    object["padding_id"] = names_padding(conversion) ? Json(feature.pad_id) : Json(nullptr);
}

Json input_json(const GraphInput& input) {
  Json shape = Json::array();
  for (const std::int64_t extent : input.shape) shape.push_back(extent < 0 ? Json(nullptr) : Json(extent));
  return {{"input", input.name}, {"shape", shape}, {"type", type_word(input)}};
}

}  // namespace

std::string graph_inputs_text(const Conversion& conversion) {
  if (conversion.checkpoint.graph == nullptr || conversion.input_uses.empty()) return {};
  TextTable table({"input", "shape", "type", "columns", "becomes"});
  for (const GraphInput& input : conversion.checkpoint.graph->inputs) {
    const std::vector<InputUse> uses = uses_of(conversion, input);
    for (const InputUse& use : uses) {
      table.add(
          {input.name, shape_text(input), type_word(input), columns_text(input, use), becomes_text(conversion, use)});
    }
    if (uses.empty()) table.add({input.name, shape_text(input), type_word(input), "all", "not read"});
  }
  return table.text();
}

Json graph_inputs_json(const Conversion& conversion) {
  Json objects = Json::array();
  if (conversion.checkpoint.graph == nullptr) return objects;
  for (const GraphInput& input : conversion.checkpoint.graph->inputs) {
    const std::vector<InputUse> uses = uses_of(conversion, input);
    for (const InputUse& use : uses) {
      Json object = input_json(input);
      object["becomes"] = kind_word(use.kind);
      object["first_column"] = use.begin;
      object["columns"] = use.columns;
      add_meaning(conversion, use, object);
      objects.push_back(std::move(object));
    }
    if (uses.empty()) {
      objects.push_back(input_json(input));
      objects.back()["becomes"] = nullptr;
    }
  }
  return objects;
}

}  // namespace dinghy::converter
