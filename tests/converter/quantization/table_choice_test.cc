// What --tables may say, and what it may not.
#include "converter/quantization/table_choice.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>

#include "converter/error.h"
#include "converter/table_form.h"
#include "tests/converter/memory_tensor.h"

using Catch::Matchers::Message;

namespace dinghy::converter {
namespace {

using enum format::RowForm;
using Forms = std::vector<format::RowForm>;

/// user, item, and item's rows again as "seen".
std::vector<Table> three_tables() {
  const Tensor users = memory_tensor("u", {2, 1}, {1, 2}), items = memory_tensor("i", {2, 1}, {3, 4});
  return {{.name = "user", .source = users}, {.name = "item", .source = items}, {.name = "seen", .source = items}};
}

Forms forms(const std::string& text) { return read_table_choice(text, three_tables()); }

void fails(const std::string& text, const std::string& message) {
  CHECK_THROWS_MATCHES(forms(text), Error, Message(message));
}

}  // namespace

TEST_CASE("The option --tables chooses rows for all tables, for some by name, or for some and the others",
          "[quantization]") {
  CHECK(forms("i8") == Forms{i8, i8, i8});
  CHECK(forms("user=f16") == Forms{f16, f32, f32});
  CHECK(forms("i4,user=i8h") == Forms{i8_half, i4, i4});
  CHECK(forms("user=f32,f16") == Forms{f32, f16, f16});
}

TEST_CASE("Tables that share rows share the form, whichever is named", "[quantization]") {
  CHECK(forms("seen=i8") == Forms{f32, i8, i8});
  CHECK(forms("item=i8,seen=i8") == Forms{f32, i8, i8});
  fails("item=i8,seen=i4", "--tables: table \"seen\" is to be i4 and i8; say it once, also for tables that share rows");
}

TEST_CASE("A table or a form that does not exist is an error that lists what there is", "[quantization]") {
  fails("itm=i8",
        "--tables: this model has no table \"itm\" (did you mean \"item\"?); its tables are user, item, seen");
  fails("int8", "--tables: no rows are called \"int8\"; there are f32, f16, i8, i8h, i4");
  fails("user=", "--tables: no rows are called \"\"; there are f32, f16, i8, i8h, i4");
  fails("i8,f16", "--tables: \"f16\" comes second for all tables, after i8; one of the two has to be NAME=ROWS");
}

TEST_CASE("The word of each form is read back as that form", "[quantization]") {
  for (const format::RowForm form : kRowForms) {
    CHECK(form_of_word(word_of(form)) == form);
    Table table;
    set_form(table, form);
    CHECK(form_of(table) == form);
  }
}

}  // namespace dinghy::converter
