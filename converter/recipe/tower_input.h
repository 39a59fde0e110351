// The vectors of a network as a recipe writes them: inputs of a tower or an MLP, "user", "interest", "sum:item",
// "interest*[item,category]", and the fields of an interest, "item", "item[0:8]:bought".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dinghy::converter {

/// A vector of the network: a feature, an interest, an MLP, or what a column of the history sums to.
struct VectorRecipe {
  enum class Of { feature, interest, mlp, any, history_sum, history_mean };  // any: what alone has the name
  struct Cut {
    std::uint32_t begin = 0, end = 0;
    bool operator==(const Cut&) const = default;
  };

  std::string name = {};
  Of of = Of::feature;
  std::uint32_t pad_to = 0;     // of a sum or mean: the length to which training padded; 0: padding takes no part
  std::optional<Cut> cut = {};  // the numbers [begin, end); none: all
  bool operator==(const VectorRecipe&) const = default;
};

/// Vectors side by side; where `times` has any, multiplied with those element by element.
struct TowerInput {
  std::vector<VectorRecipe> vectors = {}, times = {};
  bool operator==(const TowerInput&) const = default;
};

/// The feature of the query, or some of its numbers, and the column of the history that are compared.
struct FieldRecipe {
  std::string query, key;
  std::optional<VectorRecipe::Cut> cut = {};
  bool operator==(const FieldRecipe&) const = default;
};

/// "NAME" for both, "NAME:COLUMN", "NAME[0:8]:COLUMN", with quotes as below. Throws Error at `where` for another form.
FieldRecipe parse_field(const std::string& text, const std::string& where);

/// The text that parse_field() reads.
std::string field_text(const FieldRecipe& field);

/// "NAME", "interest:NAME", "sum:NAME", "mean:NAME:50", "NAME[0:8]", "[A,B]", "A*B", and 'A NAME' for one with a
/// character that means something there. Throws Error at `where` for another form.
TowerInput parse_tower_input(const std::string& text, const std::string& where);

/// The text that parse_tower_input() reads.
std::string tower_input_text(const TowerInput& input);

}  // namespace dinghy::converter
