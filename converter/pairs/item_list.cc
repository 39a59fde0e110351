#include "converter/pairs/item_list.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "converter/error.h"
#include "converter/requests/request_values.h"
#include "converter/text/quotes.h"
#include "converter/text/split.h"
#include "converter/text/suggestion.h"
#include "converter/text/text_lines.h"

namespace dinghy::converter {
namespace {

using Json = nlohmann::json;

/// As a request has it: an integer, or a string where the table has string keys.
Json value_of(const std::string& cell, const RequestShape::Feature& feature) {
  std::int64_t id = 0;
  const char* const end = cell.data() + cell.size();
  const auto read = std::from_chars(cell.data(), end, id);
  const bool is_integer = read.ec == std::errc() && read.ptr == end && !cell.empty();
  if (feature.string_ids || !is_integer) return cell;
  return id;
}

bool tells_items(const RequestShape::Feature& feature) {
  return feature.role == Role::candidate && feature.in_history && feature.kind == FeatureKind::id;
}

/// Zeros and empty strings; of bags, empty ones.
RequestColumn zeros(const RequestShape::Feature& feature, std::size_t number, std::size_t rows) {
  RequestColumn column;
  column.feature = static_cast<std::uint32_t>(number);
  column.bag = feature.kind == FeatureKind::bag;
  if (feature.kind == FeatureKind::dense) {
    column.kind = Column::Kind::numbers;
    column.numbers.assign(rows * feature.dense_width, 0.f);
    return column;
  }
  column.kind = feature.string_ids ? Column::Kind::strings : Column::Kind::ids;
  if (column.bag) {
    column.offsets.assign(rows + 1, 0);
  } else if (feature.string_ids) {
    column.strings.assign(rows, "");
    column.views.assign(rows, "");
  } else {
    column.ids.assign(rows, 0);
  }
  return column;
}

}  // namespace

ItemList::ItemList(RequestShape shape, const std::string& path)
    : shape_(std::move(shape)), path_(path), columns_(shape_.features.size()) {
  TextLines lines(path, "a list of items: names of features, then a line for each item");
  std::string line;
  if (!lines.next(line)) throw Error(path, "is empty; its first line names features: " + listed(required()));
  const std::vector<std::string> heads = split(line, '\t');
  check_heads(heads, lines.where());
  std::vector<const RequestShape::Feature*> features;
  for (const std::string& head : heads) {
    features.push_back(&*std::ranges::find(shape_.features, head, &RequestShape::Feature::name));
  }
  std::vector<Json> values(heads.size(), Json::array());
  while (lines.next(line)) {
    const std::vector<std::string> cells = split(line, '\t');
    if (cells.size() != heads.size()) {
      throw Error(lines.where(), "has " + std::to_string(cells.size()) + " values between tabs, the first line has " +
                                     std::to_string(heads.size()) + " names");
    }
    for (std::size_t i = 0; i < cells.size(); ++i) values[i].push_back(value_of(cells[i], *features[i]));
    ++size_;
  }
  if (size_ == 0) throw Error(path, "has no item: a line for each comes behind the names");
  for (std::size_t i = 0; i < heads.size(); ++i) {
    const auto number = static_cast<std::size_t>(features[i] - shape_.features.data());
    columns_[number] = ValueReader(shape_, number, "items", path_).list(values[i]);
  }
}

std::vector<std::string> ItemList::required() const {
  std::vector<std::string> names;
  for (const RequestShape::Feature& feature : shape_.features) {
    if (tells_items(feature)) names.push_back(feature.name);
  }
  return names;
}

void ItemList::check_heads(const std::vector<std::string>& heads, const std::string& where) const {
  std::vector<std::string> possible;
  for (const RequestShape::Feature& feature : shape_.features) {
    const bool of_items = feature.role == Role::candidate || feature.role == Role::history;
    if (of_items && feature.kind == FeatureKind::id) possible.push_back(feature.name);
  }
  for (const std::string& head : heads) {
    if (std::ranges::count(possible, head) == 0) {
      throw Error(where, in_quotes(head) + " is not a feature of items with one id" + did_you_mean(head, possible) +
                             "; choose from " + listed(possible));
    }
    if (std::ranges::count(heads, head) > 1) throw Error(where, "names " + in_quotes(head) + " twice");
  }
  for (const std::string& name : required()) {
    if (std::ranges::count(heads, name) == 0)
      throw Error(where, "has no column " + in_quotes(name) + ", which tells items apart");
  }
}

RequestColumn ItemList::column(std::size_t feature, ItemRange items) const {
  const RequestColumn& from = columns_[feature];
  const bool has_strings = from.kind == Column::Kind::strings;
  if (from.ids.empty() && from.strings.empty()) return zeros(shape_.features[feature], feature, items.count);
  RequestColumn to;
  to.feature = from.feature;
  to.kind = from.kind;
  const auto begin = static_cast<std::ptrdiff_t>(items.begin), end = begin + static_cast<std::ptrdiff_t>(items.count);
  if (has_strings) {
    to.strings.assign(from.strings.begin() + begin, from.strings.begin() + end);
    to.views.assign(to.strings.begin(), to.strings.end());
  } else {
    to.ids.assign(from.ids.begin() + begin, from.ids.begin() + end);
  }
  return to;
}

Request ItemList::request(ItemRange behaviors, ItemRange candidates) const {
  Request request;
  request.where = path_;
  request.candidate_count = candidates.count;
  request.history_lengths.assign(shape_.sequences.size(), behaviors.count);
  for (std::size_t i = 0; i < shape_.features.size(); ++i) {
    const RequestShape::Feature& feature = shape_.features[i];
    const bool is_user = feature.role == Role::user || feature.role == Role::context;
    if (is_user) request.features.push_back(zeros(feature, i, 1));
    if (feature.in_history) request.history.push_back(column(i, behaviors));
    if (feature.role == Role::candidate) request.candidates.push_back(column(i, candidates));
  }
  return request;
}

}  // namespace dinghy::converter
