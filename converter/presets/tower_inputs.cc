#include "converter/presets/tower_inputs.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "converter/error.h"
#include "converter/presets/attention.h"
#include "converter/presets/features.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

// One input of the list, for errors.
struct Input {
  std::string text;
  std::string where;

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(where, "the input " + in_quotes(text) + " " + what);
  }
};

std::string without_spaces(std::string text) {
  std::erase(text, ' ');
  return text;
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (std::size_t end; (end = text.find(separator, begin)) != std::string::npos; begin = end + 1) {
    parts.push_back(text.substr(begin, end - begin));
  }
  parts.push_back(text.substr(begin));
  return parts;
}

std::optional<std::uint32_t> whole_number(const std::string& text) {
  std::uint32_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && stop == end ? std::optional(number) : std::nullopt;
}

// The length of training's histories in "sum:item:50".
std::uint32_t parse_pad_to(const Input& input, const std::string& text) {
  const std::optional<std::uint32_t> length = whole_number(text);
  if (!length || *length < 1 || *length > 65536) {
    input.fail("pads a history to " + in_quotes(text) + "; that has to be from 1 to 65536 behaviours");
  }
  return *length;
}

Operand history_operand(const Conversion& conversion, const Input& input, const std::string& text,
                        format::Source source) {
  const std::size_t colon = text.find(':');
  const std::string name = text.substr(0, colon);
  const std::uint32_t index = feature_index(conversion, name);
  const Feature& feature = conversion.network.features[index];
  if (feature.sequence < 0) input.fail("sums " + in_quotes(name) + ", which is no column of the history");
  return {source, index, 0, feature.width,
          colon == std::string::npos ? 0 : parse_pad_to(input, text.substr(colon + 1))};
}

Operand whole_operand(const Conversion& conversion, const Input& input, const std::string& name) {
  const std::vector<Interest>& interests = conversion.network.interests;
  if (name.starts_with("sum:")) {
    return history_operand(conversion, input, name.substr(4), format::Source::history_sum);
  }
  if (name.starts_with("mean:")) {
    return history_operand(conversion, input, name.substr(5), format::Source::history_mean);
  }
  const auto interest = std::ranges::find(interests, name, &Interest::name);
  if (interest != interests.end()) {
    return {format::Source::interest, static_cast<std::uint32_t>(interest - interests.begin()), 0,
            interest_width(conversion.network, *interest), 0};
  }
  const std::vector<Mlp>& mlps = conversion.network.mlps;
  const auto mlp = std::ranges::find(mlps, name, &Mlp::name);
  if (mlp != mlps.end()) {
    const auto width = static_cast<std::uint32_t>(mlp->layers.back().weight.cols);
    return {format::Source::mlp, static_cast<std::uint32_t>(mlp - mlps.begin()), 0, width, 0};
  }
  const std::uint32_t index = feature_index(conversion, name);
  const Feature& feature = conversion.network.features[index];
  if (feature.role == format::Role::history) {
    input.fail("is only in the history; use sum:" + name + " or an interest");
  }
  return {format::Source::feature, index, 0, feature.width, 0};
}

// "item", or "item[0:8]" for its first eight numbers.
Operand operand(const Conversion& conversion, const Input& input, const std::string& text) {
  const std::size_t bracket = text.find('[');
  Operand operand = whole_operand(conversion, input, text.substr(0, bracket));
  if (bracket == std::string::npos) return operand;
  const std::size_t colon = text.find(':', bracket);
  if (colon == std::string::npos || !text.ends_with(']')) input.fail("has to be cut like item[0:8]");
  const auto begin = whole_number(text.substr(bracket + 1, colon - bracket - 1));
  const auto end = whole_number(text.substr(colon + 1, text.size() - colon - 2));
  if (!begin || !end || *begin >= *end || *end > operand.width) {
    input.fail("is cut outside its " + std::to_string(operand.width) + " numbers");
  }
  operand.begin = *begin;
  operand.width = *end - *begin;
  return operand;
}

// "item", or "[item,category]"
std::vector<Operand> factor(const Conversion& conversion, const Input& input, std::string text) {
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  std::vector<Operand> operands;
  for (const std::string& name : split(text, ',')) operands.push_back(operand(conversion, input, name));
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

std::vector<Part> parse_tower_input(const Conversion& conversion, const std::string& text, const std::string& where) {
  const Input input{text, where};
  const std::vector<std::string> factors = split(without_spaces(text), '*');
  if (factors.size() > 2) input.fail("has more than two factors");
  const std::vector<Operand> left = factor(conversion, input, factors[0]);
  std::vector<Part> parts;
  if (factors.size() == 1) {
    for (const Operand& one : left) parts.push_back({one, {}});
    return parts;
  }
  const std::vector<Operand> right = factor(conversion, input, factors[1]);
  if (total_width(left) != total_width(right)) {
    input.fail("multiplies " + std::to_string(total_width(left)) + " numbers with " +
               std::to_string(total_width(right)));
  }
  return multiply(left, right);
}

std::uint32_t interest_width(const Network& network, const Interest& interest) {
  if (!interest.post_layers.empty()) return static_cast<std::uint32_t>(interest.post_layers.back().weight.cols);
  return key_width(network, interest.fields);
}

}  // namespace dinghy::converter
