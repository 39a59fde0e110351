#include "tests/fuzz/places.h"

#include <cstdio>
#include <cstdlib>

namespace dinghy::fuzz {
namespace {

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "places: %s\n", what);
  std::abort();
}

void check_feature(const network::Model& model, const network::Feature& f) {
  const bool in_history = f.sequence >= 0;
  require(in_history ? f.role == format::Role::history || f.role == format::Role::candidate
                     : f.role != format::Role::history,
          "a feature's role and its history");
  if (in_history) {
    require(static_cast<std::size_t>(f.sequence) < model.sequences.size(), "a feature's history");
    const network::Sequence& sequence = model.sequences[static_cast<std::size_t>(f.sequence)];
    require(f.column < sequence.features.size() && f.history_offset + f.width <= sequence.width, "a column");
  }
  if (f.role != format::Role::history) {
    const bool of_candidate = f.role == format::Role::candidate;
    require(f.offset + f.width <= (of_candidate ? model.candidate_width : model.user_width), "a feature");
  }
  require(f.pad_row < 0 || static_cast<std::uint64_t>(f.pad_row) < f.history_table->count, "a feature's padding");
}

void check_interest(const network::Model& model, const network::Interest& interest) {
  require(interest.sequence < model.sequences.size(), "an interest's history");
  const network::Sequence& sequence = model.sequences[interest.sequence];
  for (const network::Field& field : interest.fields) {
    require(field.key_column < sequence.features.size(), "a field's column");
    require(model.features[field.query_feature].role == format::Role::candidate, "a field's query");
    require(field.begin + field.width <= interest.width, "a field of a key");
  }
  for (const network::Piece& piece : interest.keys) require(piece.offset + piece.width <= sequence.width, "a key");
  for (const network::Piece& piece : interest.query) {
    require(piece.offset + piece.width <= model.candidate_width, "a query");
  }
  require(interest.result_offset + interest.result_width <= model.result_width, "an interest's result");
}

void check_operand(const network::Model& model, const network::Operand& operand) {
  const std::size_t widths[] = {model.user_width, model.candidate_width, model.result_width};
  require(operand.offset + operand.width <= widths[static_cast<std::size_t>(operand.row)], "an operand");
}

void check_parts(const network::Model& model, const Array<network::Part>& parts) {
  for (const network::Part& part : parts) {
    check_operand(model, part.operand);
    if (part.is_product) check_operand(model, part.times);
  }
}

}  // namespace

void check_places(const network::Model& model) {
  for (const network::Feature& feature : model.features) check_feature(model, feature);
  for (const network::Interest& interest : model.interests) check_interest(model, interest);
  for (const network::HistorySum& sum : model.history_sums) {
    require(model.features[sum.feature].sequence >= 0, "a sum's feature");
    require(sum.offset + model.features[sum.feature].width <= model.user_width, "a sum");
  }
  for (const network::Mlp& mlp : model.mlps) {
    check_parts(model, mlp.parts);
    require(mlp.offset + mlp.result_width() <= (mlp.of_user ? model.user_width : model.result_width),
            "an MLP's result");
  }
  check_parts(model, model.tower.parts);
  for (const network::Bias& bias : model.head.biases) {
    require(model.features[bias.feature].table != nullptr && bias.table->width == 1, "a bias");
  }
}

}  // namespace dinghy::fuzz
