#include "converter/quantization/table_choice.h"

#include <optional>
#include <sstream>

#include "converter/error.h"
#include "converter/table_form.h"
#include "converter/text/quotes.h"
#include "converter/text/suggestion.h"

namespace dinghy::converter {
namespace {

using format::RowForm;

RowForm read_word(const std::string& word) {
  if (const auto form = form_of_word(word)) return *form;
  const std::vector<std::string> words = form_words();
  throw Error("--tables",
              "no rows are called " + in_quotes(word) + did_you_mean(word, words) + "; there are " + listed(words));
}

std::size_t find_table(const std::string& name, const std::vector<Table>& tables) {
  std::vector<std::string> names;
  for (const Table& table : tables) {
    if (table.name == name) return names.size();
    names.push_back(table.name);
  }
  throw Error("--tables", "this model has no table " + in_quotes(name) + did_you_mean(name, names) +
                              "; its tables are " + listed(names));
}

/// The forms that are said by name, at the owner of the rows.
class NamedForms {
 public:
  explicit NamedForms(const std::vector<Table>& tables)
      : tables_(tables), owners_(owners_of_elements(tables)), forms_(tables.size()) {}

  void set(std::size_t table, RowForm form) {
    std::optional<RowForm>& said = forms_[owners_[table]];
    if (said && *said != form) {
      throw Error("--tables", "table " + in_quotes(tables_[table].name) + " is to be " + word_of(form) + " and " +
                                  word_of(*said) + "; say it once, also for tables that share rows");
    }
    said = form;
  }

  RowForm of(std::size_t table, std::optional<RowForm> others) const {
    return forms_[owners_[table]].value_or(others.value_or(form_of(tables_[table])));
  }

 private:
  const std::vector<Table>& tables_;
  std::vector<std::size_t> owners_;
  std::vector<std::optional<RowForm>> forms_;
};

}  // namespace

std::vector<RowForm> read_table_choice(const std::string& text, const std::vector<Table>& tables) {
  std::optional<RowForm> others;
  NamedForms named(tables);
  std::istringstream items(text);
  for (std::string item; std::getline(items, item, ',');) {
    const std::size_t equals = item.rfind('=');
    if (equals != std::string::npos) {
      named.set(find_table(item.substr(0, equals), tables), read_word(item.substr(equals + 1)));
    } else if (others) {
      throw Error("--tables", in_quotes(item) + " comes second for all tables, after " + word_of(*others) +
                                  "; one of the two has to be NAME=ROWS");
    } else {
      others = read_word(item);
    }
  }
  std::vector<RowForm> forms;
  for (std::size_t i = 0; i < tables.size(); ++i) forms.push_back(named.of(i, others));
  return forms;
}

}  // namespace dinghy::converter
