// The forms of a table's rows by the words that people write, and the tables that share rows and so share the form.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "converter/network.h"
#include "schema/row.h"

namespace dinghy::converter {

inline constexpr std::array kRowForms = {format::RowForm::f32, format::RowForm::f16, format::RowForm::i8,
                                         format::RowForm::i8_half, format::RowForm::i4};

/// The form of format::word_of(); nothing for another word.
std::optional<format::RowForm> form_of_word(std::string_view word);
/// All words.
std::vector<std::string> form_words();

format::RowForm form_of(const Table& table);
void set_form(Table& table, format::RowForm form);

/// Whether two networks with the same tables store them alike.
bool same_forms(const Network& a, const Network& b);

/// For each table the first one that has the same elements: itself, where it shares none with an earlier one.
std::vector<std::size_t> owners_of_elements(const std::vector<Table>& tables);

}  // namespace dinghy::converter
