#include "converter/table_form.h"

#include <algorithm>

#include "schema/row_form.h"

namespace dinghy::converter {

using format::Encoding;
using format::RowForm;
using format::ScaleType;

std::optional<RowForm> form_of_word(std::string_view word) {
  const auto found = std::ranges::find(kRowForms, word, [](RowForm form) { return std::string_view(word_of(form)); });
  return found == kRowForms.end() ? std::nullopt : std::optional(*found);
}

std::vector<std::string> form_words() {
  std::vector<std::string> words;
  for (const RowForm form : kRowForms) words.emplace_back(word_of(form));
  return words;
}

RowForm form_of(const Table& table) { return format::row_form(table.encoding, table.scale_type); }

void set_form(Table& table, RowForm form) {
  constexpr Encoding kEncodings[] = {Encoding::f32, Encoding::f16, Encoding::i8, Encoding::i8, Encoding::i4};
  constexpr ScaleType kScales[] = {ScaleType::none, ScaleType::none, ScaleType::f32, ScaleType::f16, ScaleType::f16};
  table.encoding = kEncodings[static_cast<std::size_t>(form)];
  table.scale_type = kScales[static_cast<std::size_t>(form)];
}

bool same_forms(const Network& a, const Network& b) {
  return std::ranges::equal(a.tables, b.tables, {}, form_of, form_of);
}

std::vector<std::size_t> owners_of_elements(const std::vector<Table>& tables) {
  std::vector<std::size_t> owners;
  for (const Table& table : tables) {
    const auto same =
        std::ranges::find_if(tables, [&](const Table& other) { return other.source.same_elements(table.source); });
    owners.push_back(static_cast<std::size_t>(same - tables.begin()));
  }
  return owners;
}

}  // namespace dinghy::converter
