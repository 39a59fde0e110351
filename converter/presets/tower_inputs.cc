#include "converter/presets/tower_inputs.h"

#include <algorithm>

#include "converter/error.h"
#include "converter/presets/attention.h"
#include "converter/presets/features.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

using Of = VectorRecipe::Of;

// One input of the list, for errors.
struct Input {
  const TowerInput& input;
  const std::string& where;

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(where, "the input " + in_quotes(tower_input_text(input)) + " " + what);
  }
};

Operand history_operand(const Conversion& conversion, const Input& input, const VectorRecipe& vector) {
  const std::uint32_t index = feature_index(conversion, vector.name);
  const Feature& feature = conversion.network.features[index];
  if (feature.sequence < 0) input.fail("sums " + in_quotes(vector.name) + ", which is no column of the history");
  const bool mean = vector.of == Of::history_mean;
  return {mean ? format::Source::history_mean : format::Source::history_sum, index, 0, feature.width, vector.pad_to};
}

Operand interest_operand(const Network& network, const Input& input, const std::string& name) {
  const auto interest = std::ranges::find(network.interests, name, &Interest::name);
  if (interest == network.interests.end()) input.fail("names an interest that there is not");
  const auto index = static_cast<std::uint32_t>(interest - network.interests.begin());
  return {format::Source::interest, index, 0, interest_width(network, *interest), 0};
}

Operand mlp_operand(const Network& network, const Input& input, const std::string& name) {
  const auto mlp = std::ranges::find(network.mlps, name, &Mlp::name);
  if (mlp == network.mlps.end()) input.fail("names an MLP that there is not before it");
  const auto width = static_cast<std::uint32_t>(mlp->layers.back().weight.cols);
  return {format::Source::mlp, static_cast<std::uint32_t>(mlp - network.mlps.begin()), 0, width, 0};
}

Operand feature_operand(const Conversion& conversion, const Input& input, const std::string& name) {
  const std::uint32_t index = feature_index(conversion, name);
  const Feature& feature = conversion.network.features[index];
  if (feature.role == format::Role::history) {
    input.fail("is only in the history; use sum:" + name + " or an interest");
  }
  return {format::Source::feature, index, 0, feature.width, 0};
}

// What a name alone means. Interests and MLPs have different names.
Of meaning(const Network& network, const Input& input, const std::string& name) {
  const auto has = [&](const auto& named) {
    return std::ranges::any_of(named, [&](const auto& one) { return one.name == name; });
  };
  const Of of = has(network.interests) ? Of::interest : has(network.mlps) ? Of::mlp : Of::feature;
  if (of == Of::feature || !has(network.features)) return of;
  input.fail("is a feature and an " + std::string(of == Of::interest ? "interest" : "MLP") + "; write feature:" + name +
             " or " + (of == Of::interest ? "interest:" : "mlp:") + name);
}

Operand whole_operand(const Conversion& conversion, const Input& input, const VectorRecipe& vector) {
  const Network& network = conversion.network;
  const Of of = vector.of == Of::any ? meaning(network, input, vector.name) : vector.of;
  if (of == Of::interest) return interest_operand(network, input, vector.name);
  if (of == Of::mlp) return mlp_operand(network, input, vector.name);
  if (of == Of::feature) return feature_operand(conversion, input, vector.name);
  return history_operand(conversion, input, vector);
}

Operand operand(const Conversion& conversion, const Input& input, const VectorRecipe& vector) {
  Operand operand = whole_operand(conversion, input, vector);
  if (!vector.cut) return operand;
  const auto [begin, end] = *vector.cut;
  if (begin >= end || end > operand.width) {
    input.fail("is cut outside its " + std::to_string(operand.width) + " numbers");
  }
  operand.begin = begin;
  operand.width = end - begin;
  return operand;
}

std::vector<Operand> factor(const Conversion& conversion, const Input& input,
                            const std::vector<VectorRecipe>& vectors) {
  std::vector<Operand> operands;
  for (const VectorRecipe& vector : vectors) operands.push_back(operand(conversion, input, vector));
  return operands;
}

std::uint32_t total_width(const std::vector<Operand>& operands) {
  std::uint32_t width = 0;
  for (const Operand& one : operands) width += one.width;
  return width;
}

Operand take_front(Operand& from, std::uint32_t width) {
  Operand front = from;
  front.width = width;
  from.begin += width;
  from.width -= width;
  return front;
}

// A product of vectors that are cut at different places: one part for each stretch between two cuts.
std::vector<Part> multiply(std::vector<Operand> left, std::vector<Operand> right) {
  std::vector<Part> parts;
  for (std::size_t l = 0, r = 0; l < left.size() && r < right.size();) {
    const std::uint32_t width = std::min(left[l].width, right[r].width);
    parts.push_back({take_front(left[l], width), take_front(right[r], width)});
    l += left[l].width == 0 ? 1 : 0;
    r += right[r].width == 0 ? 1 : 0;
  }
  return parts;
}

}  // namespace

std::vector<Part> tower_parts(const Conversion& conversion, const TowerInput& input, const std::string& where) {
  const Input place{input, where};
  const std::vector<Operand> left = factor(conversion, place, input.vectors);
  std::vector<Part> parts;
  if (input.times.empty()) {
    for (const Operand& one : left) parts.push_back({one, {}});
    return parts;
  }
  const std::vector<Operand> right = factor(conversion, place, input.times);
  if (total_width(left) != total_width(right)) {
    place.fail("multiplies " + std::to_string(total_width(left)) + " numbers with " +
               std::to_string(total_width(right)));
  }
  return multiply(left, right);
}

std::vector<Part> tower_parts(const Conversion& conversion, const std::string& input) {
  const std::string where = conversion.recipe.where();
  return tower_parts(conversion, parse_tower_input(input, where), where);
}

std::uint32_t interest_width(const Network& network, const Interest& interest) {
  if (!interest.post_layers.empty()) return static_cast<std::uint32_t>(interest.post_layers.back().weight.cols);
  return key_width(network, interest.fields);
}

}  // namespace dinghy::converter
