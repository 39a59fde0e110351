// The rows of a description's tables: a tensor's, some of them, or what a [[table]] makes of several.
#pragma once

#include <map>
#include <string>

#include "converter/presets/tensor_claims.h"
#include "converter/recipe/network_recipe.h"

namespace dinghy::converter {

class DescribedTables {
 public:
  DescribedTables(TensorClaims& claims, const NetworkRecipe& description)
      : claims_(claims), description_(description) {}

  /// The rows of a [[table]], or of a tensor where none has the name. Their tensors are taken once, however many tables
  /// have them. Throws Error for what does not fit together.
  const Tensor& rows(const std::string& name);

 private:
  // Of what a [[table]] is made of: a tensor, or a [[table]] before `end`.
  const Tensor& rows_before(const std::string& name, std::size_t end);
  Tensor made(const TableRecipe& table, std::size_t place);
  Tensor cut(const TableRecipe& table);
  Tensor side_by_side(const TableRecipe& table, std::size_t place);
  Tensor sum(const TableRecipe& table, std::size_t place);
  Tensor through_layers(const TableRecipe& table, Tensor rows);

  TensorClaims& claims_;
  const NetworkRecipe& description_;
  std::map<std::string, const Tensor*> tensors_;
  std::map<std::string, Tensor> tables_;
};

}  // namespace dinghy::converter
