#include "converter/recipe/tower_input.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "converter/error.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

using Of = VectorRecipe::Of;

constexpr std::pair<std::string_view, Of> kPrefixes[] = {{"feature:", Of::feature},
                                                         {"interest:", Of::interest},
                                                         {"mlp:", Of::mlp},
                                                         {"sum:", Of::history_sum},
                                                         {"mean:", Of::history_mean}};
constexpr char kQuote = '\'';

// One text of a list, for errors.
struct InputText {
  const std::string& text;
  const std::string& where;
  const char* kind = "input";

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(where, std::string("the ") + kind + " " + in_quotes(text) + " " + what);
  }
};

// The place of `wanted` outside quotes, from `from` on.
std::size_t find_outside(const std::string& text, char wanted, std::size_t from = 0) {
  bool is_quoted = false;
  for (std::size_t i = from; i < text.size(); ++i) {
    if (text[i] == wanted && !is_quoted) return i;
    if (text[i] == kQuote) is_quoted = !is_quoted;
  }
  return std::string::npos;
}

std::vector<std::string> split_outside(const std::string& text, char separator) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0;;) {
    const std::size_t end = find_outside(text, separator, begin);
    parts.push_back(text.substr(begin, end - begin));
    if (end == std::string::npos) return parts;
    begin = end + 1;
  }
}

std::string without_spaces(const std::string& text) {
  std::string rest;
  for (const std::string& part : split_outside(text, ' ')) rest += part;
  return rest;
}

// 'a name' is the name between the quotes, where two quotes are one.
std::string unquoted(const InputText& input, const std::string& text) {
  if (text.find(kQuote) == std::string::npos) return text;
  const auto fail = [&] {
    input.fail("has quotes that do not stand around a name; write 'a name', with two quotes for one inside");
  };
  if (text.size() < 2 || text.front() != kQuote || text.back() != kQuote) fail();
  std::string name = text.substr(1, text.size() - 2);
  for (std::size_t i = name.find(kQuote); i != std::string::npos; i = name.find(kQuote, i + 1)) {
    if (name[i + 1] != kQuote) fail();
    name.erase(i, 1);
  }
  return name;
}

// With quotes where a character means something to the reader.
std::string name_text(const std::string& name) {
  if (!name.empty() && name.find_first_of(" *[],:'") == std::string::npos) return name;
  std::string text = name;
  for (std::size_t i = text.find(kQuote); i != std::string::npos; i = text.find(kQuote, i + 2))
    text.insert(i, 1, kQuote);
  return kQuote + text + kQuote;
}

std::optional<std::uint32_t> whole_number(const std::string& text) {
  std::uint32_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && stop == end ? std::optional(number) : std::nullopt;
}

// The length of training's histories in "sum:item:50".
std::uint32_t parse_pad_to(const InputText& input, const std::string& text) {
  const std::optional<std::uint32_t> length = whole_number(text);
  if (!length || *length < 1 || *length > 65536) {
    input.fail("pads a history to " + in_quotes(text) + "; that has to be from 1 to 65536 behaviours");
  }
  return *length;
}

VectorRecipe parse_whole(const InputText& input, const std::string& text) {
  VectorRecipe vector{.name = text, .of = Of::any};
  for (const auto& [prefix, of] : kPrefixes) {
    if (text.starts_with(prefix)) vector = {.name = text.substr(prefix.size()), .of = of};
  }
  const bool is_sum = vector.of == Of::history_sum || vector.of == Of::history_mean;
  const std::size_t colon = is_sum ? find_outside(vector.name, ':') : std::string::npos;
  if (colon != std::string::npos) {
    vector.pad_to = parse_pad_to(input, vector.name.substr(colon + 1));
    vector.name.resize(colon);
  }
  vector.name = unquoted(input, vector.name);
  return vector;
}

// "[0:8]", the first eight numbers; nothing of an empty text.
std::optional<VectorRecipe::Cut> parse_cut(const InputText& input, const std::string& text) {
  if (text.empty()) return std::nullopt;
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos || !text.ends_with(']')) input.fail("has to be cut like item[0:8]");
  const auto begin = whole_number(text.substr(1, colon - 1));
  const auto end = whole_number(text.substr(colon + 1, text.size() - colon - 2));
  return begin && end ? VectorRecipe::Cut{*begin, *end} : VectorRecipe::Cut{};  // no numbers are outside any
}

// "item", or "item[0:8]".
VectorRecipe parse_vector(const InputText& input, const std::string& text) {
  const std::size_t bracket = std::min(find_outside(text, '['), text.size());
  VectorRecipe vector = parse_whole(input, text.substr(0, bracket));
  vector.cut = parse_cut(input, text.substr(bracket));
  return vector;
}

// "item", or "[item,category]"
std::vector<VectorRecipe> parse_factor(const InputText& input, std::string text) {
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  std::vector<VectorRecipe> vectors;
  for (const std::string& one : split_outside(text, ',')) vectors.push_back(parse_vector(input, one));
  return vectors;
}

std::string cut_text(const std::optional<VectorRecipe::Cut>& cut) {
  return cut ? "[" + std::to_string(cut->begin) + ":" + std::to_string(cut->end) + "]" : "";
}

std::string vector_text(const VectorRecipe& vector) {
  const auto prefix = std::ranges::find(kPrefixes, vector.of, &std::pair<std::string_view, Of>::second);
  std::string text = (prefix == std::end(kPrefixes) ? "" : std::string(prefix->first)) + name_text(vector.name);
  if (vector.pad_to > 0) text += ":" + std::to_string(vector.pad_to);
  return text + cut_text(vector.cut);
}

std::string factor_text(const std::vector<VectorRecipe>& vectors) {
  std::string text;
  for (const VectorRecipe& vector : vectors) text += (text.empty() ? "" : ",") + vector_text(vector);
  return vectors.size() == 1 ? text : "[" + text + "]";
}

}  // namespace

FieldRecipe parse_field(const std::string& text, const std::string& where) {
  const InputText field{text, where, "field"};
  const std::size_t bracket = find_outside(text, '[');
  const std::size_t cut_end = std::min(text.find(']', std::min(bracket, text.size())), text.size());
  const bool is_cut = bracket < find_outside(text, ':');
  const std::size_t colon = find_outside(text, ':', is_cut ? cut_end : 0);
  const std::string query = text.substr(0, colon);
  const std::size_t name_end = is_cut ? bracket : query.size();
  FieldRecipe parsed{.query = unquoted(field, query.substr(0, name_end)), .key = {}};
  parsed.cut = parse_cut(field, query.substr(name_end));
  parsed.key = colon == std::string::npos ? parsed.query : unquoted(field, text.substr(colon + 1));
  return parsed;
}

std::string field_text(const FieldRecipe& field) {
  const std::string text = name_text(field.query) + cut_text(field.cut);
  return field.query == field.key ? text : text + ":" + name_text(field.key);
}

TowerInput parse_tower_input(const std::string& text, const std::string& where) {
  const InputText input{text, where};
  const std::vector<std::string> factors = split_outside(without_spaces(text), '*');
  if (factors.size() > 2) input.fail("has more than two factors");
  TowerInput parsed{.vectors = parse_factor(input, factors[0])};
  if (factors.size() == 2) parsed.times = parse_factor(input, factors[1]);
  return parsed;
}

std::string tower_input_text(const TowerInput& input) {
  std::string text = factor_text(input.vectors);
  if (!input.times.empty()) text += "*" + factor_text(input.times);
  return text;
}

}  // namespace dinghy::converter
