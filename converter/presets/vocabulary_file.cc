#include "converter/presets/vocabulary_file.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>
#include <unordered_map>

#include "converter/error.h"
#include "converter/text/quotes.h"
#include "converter/text/text_lines.h"

namespace dinghy::converter {
namespace {

template <class Number>
std::optional<Number> whole_number(const std::string& text) {
  Number number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && stop == end ? std::optional(number) : std::nullopt;
}

// One pass over the lines, which stand for themselves in errors.
class Lines {
 public:
  Lines(const std::string& path, std::uint64_t rows, const std::string& feature)
      : path_(path), rows_(rows), feature_(feature) {}

  std::vector<std::pair<std::string, std::uint64_t>> read() {
    TextLines lines(path_, "a vocabulary is a text file, see docs/recipes.md");
    std::vector<std::pair<std::string, std::uint64_t>> entries;
    for (std::string line; lines.next(line);) {
      number_ = lines.number();
      if (number_ == 1) with_rows_ = line.find('\t') != std::string::npos;
      entries.push_back(entry(line));
    }
    if (entries.empty()) throw Error(path_, "holds no ids; a vocabulary has one a line");
    return entries;
  }

  [[noreturn]] void fail(std::uint64_t line, const std::string& what) const {
    throw Error(path_ + ":" + std::to_string(line), what);
  }

 private:
  std::pair<std::string, std::uint64_t> entry(const std::string& line) const {
    const std::size_t tab = line.find('\t');
    if (line.empty() || (tab != std::string::npos) != with_rows_ || line.find('\t', tab + 1) < line.size()) {
      fail(number_,
           std::string("has to be ") + (with_rows_ ? "an id, a tab and a row" : "an id") + ", as the first line");
    }
    const std::optional<std::uint64_t> row =
        with_rows_ ? whole_number<std::uint64_t>(line.substr(tab + 1)) : number_ - 1;
    if (!row) fail(number_, in_quotes(line.substr(tab + 1)) + " is no row");
    if (*row >= rows_) {
      fail(number_, "row " + std::to_string(*row) + " is not in the table of " + feature_ + ", which has rows 0 to " +
                        std::to_string(rows_ - 1));
    }
    return {line.substr(0, tab), *row};
  }

  const std::string& path_;
  const std::uint64_t rows_;
  const std::string& feature_;
  std::uint64_t number_ = 0;
  bool with_rows_ = false;
};

// The lines of equal ids, found by the id as the engine will compare it.
template <class Entries>
void require_different(const Entries& entries, const Lines& lines) {
  std::unordered_map<std::remove_cvref_t<decltype(entries[0].first)>, std::uint64_t> line_of;
  for (std::uint64_t i = 0; i < entries.size(); ++i) {
    const auto [first, is_new] = line_of.emplace(entries[i].first, i + 1);
    if (!is_new) lines.fail(i + 1, "the id is there twice, first in line " + std::to_string(first->second));
  }
}

}  // namespace

Vocabulary read_vocabulary_file(const std::string& path, std::uint64_t rows, const std::string& feature) {
  Lines lines(path, rows, feature);
  Vocabulary vocabulary;
  vocabulary.name = std::filesystem::path(path).filename().string();
  vocabulary.string_rows = lines.read();
  for (const auto& [key, row] : vocabulary.string_rows) {
    const std::optional<std::int64_t> id = whole_number<std::int64_t>(key);
    if (!id) break;
    vocabulary.int64_rows.emplace_back(*id, row);
  }
  const bool are_numbers = vocabulary.int64_rows.size() == vocabulary.string_rows.size();
  if (are_numbers) {
    vocabulary.string_rows.clear();
    require_different(vocabulary.int64_rows, lines);
  } else {
    vocabulary.int64_rows.clear();
    require_different(vocabulary.string_rows, lines);
  }
  return vocabulary;
}

}  // namespace dinghy::converter
