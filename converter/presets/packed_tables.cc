#include "converter/presets/packed_tables.h"

#include <algorithm>

#include "converter/error.h"
#include "converter/packed_rows.h"
#include "converter/table_form.h"
#include "converter/text/quotes.h"
#include "converter/text/suggestion.h"

namespace dinghy::converter {
namespace {

using format::RowForm;

Tensor& find(Checkpoint& checkpoint, const std::string& name, const std::string& recipe) {
  std::vector<std::string> names;
  for (Tensor& tensor : checkpoint.tensors) {
    if (tensor.name == name) return tensor;
    names.push_back(tensor.name);
  }
  throw Error(recipe, "[packed] names the tensor " + in_quotes(name) + ", which " + checkpoint.path + " has not" +
                          did_you_mean(name, names));
}

bool holds_rows(const Tensor& tensor, RowForm form) {
  return tensor.dtype == DType::u8 && tensor.shape.size() == 2 &&
         packed_width(form, static_cast<std::uint64_t>(tensor.shape[1]));
}

}  // namespace

void unpack_tables(Checkpoint& checkpoint, const Recipe& recipe) {
  for (const auto& [name, form] : recipe.packed) {
    Tensor& tensor = find(checkpoint, name, recipe.where());
    if (!holds_rows(tensor, form)) {
      throw Error(checkpoint.path + ": " + name,
                  std::string("is ") + name_of(tensor.dtype) + " " + tensor.shape_text() + ", but [packed] says " +
                      word_of(form) + ": uint8 [rows, bytes of a row], of which " +
                      std::to_string(format::row_bytes(form, 0)) + " are scale and bias");
    }
    tensor = unpacked(tensor, form);
  }
}

std::string packed_hint(const Tensor& tensor) {
  std::string forms;
  for (const RowForm form : {RowForm::i8, RowForm::i8_half, RowForm::i4}) {
    if (!holds_rows(tensor, form)) continue;
    const auto width = packed_width(form, static_cast<std::uint64_t>(tensor.shape[1]));
    forms += (forms.empty() ? "" : " or ") + in_quotes(word_of(form)) + " (of width " + std::to_string(*width) + ")";
  }
  const std::string what = "is uint8 " + tensor.shape_text() + ", and a table has numbers";
  if (forms.empty()) return what;
  return what + "; if its rows are packed, say how in the recipe: [packed] " + json_string(tensor.name) + " = " + forms;
}

}  // namespace dinghy::converter
