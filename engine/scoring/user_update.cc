#include "engine/scoring/user_update.h"

#include <algorithm>

#include "engine/network/feature_name.h"
#include "engine/network/gather.h"
#include "engine/reference/din_forward.h"
#include "engine/scoring/parts.h"

namespace dinghy::scoring {
namespace {

using network::Feature;
using network::Sequence;
using network::Side;

void copy_keys(const network::Interest& interest, const Sequence& sequence, const network::History& history,
               float* keys) noexcept {
  for (std::size_t t = 0; t <= history.length; ++t) {
    float* out = keys + t * interest.stride;
    for (const network::Piece& piece : interest.keys) {
      out = std::copy_n(history.rows + t * sequence.stride + piece.offset, piece.width, out);
    }
  }
}

/// Writes the results of the MLPs that no candidate changes into the user row.
void run_user_mlps(const kernels::KernelTable& kernels, UserState::Data& data) noexcept {
  for (const network::Mlp& mlp : data.network().mlps) {
    if (!mlp.of_user) continue;
    concatenate(mlp.parts.span(), {.user = data.row}, kernels.rows, data.tower_input);
    const Rows y = run_layers(kernels, mlp.layers.span(), {data.tower_input, mlp.width}, 1, data.mlp);
    std::copy_n(y.data, mlp.result_width(), data.row + mlp.offset);
  }
}

/// tower_initial = bias + user parts * the first rows of the first layer.
void project_user_parts(const kernels::KernelTable& kernels, UserState::Data& data) noexcept {
  const network::Tower& tower = data.network().tower;
  const network::Layer& first = tower.hidden[0];
  concatenate(tower.parts.span().first(tower.user_parts), {.user = data.row}, kernels.rows, data.tower_input);
  kernels.product({.x = data.tower_input,
                   .ldx = tower.user_width,
                   .rows = 1,
                   .weight = first.weight,
                   .ldw = first.stride,
                   .in = tower.user_width,
                   .out = first.out,
                   .initial = {first.bias},
                   .y = data.tower_initial,
                   .ldy = first.stride});
}

/// The part of the head's biases that no candidate changes.
Status gather_biases(UserState::Data& data) noexcept {
  data.head_bias = 0;
  for (const network::Bias& bias : data.network().head.biases) {
    const Column* const column = data.matched[bias.feature];
    if (column == nullptr) continue;
    if (Status status = network::add_bias(data.network(), bias, *column, 0, data.head_bias); !status) return status;
  }
  return Status();
}

}  // namespace

Status gather_user(UserState::Data& data, Columns features) noexcept {
  const network::Model& model = data.network();
  if (Status status = network::match_columns(model, Side::user, features, data.matched); !status) return status;
  for (std::uint32_t f = 0; f < model.features.size(); ++f) {
    const Column* const column = data.matched[f];
    if (column == nullptr) continue;
    const std::size_t rows = network::rows_of(model.features[f], *column);
    if (rows != 1) {
      const network::FeatureName name = network::name_of(model, f);
      return Status::error(Code::invalid_argument, "%.*s: %zu rows, a user has one", name.size, name.text, rows);
    }
    if (Status status =
            network::gather(model, data.kernels.rows(), f, Side::user, *column, 0, data.row + model.features[f].offset);
        !status) {
      return status;
    }
  }
  return gather_biases(data);
}

void refresh(UserState::Data& data) noexcept {
  const network::Model& model = data.network();
  for (std::size_t s = 0; s < data.stores.size(); ++s) {
    const std::size_t stride = model.sequences[s].stride;
    const std::size_t columns = model.sequences[s].features.size();
    const network::History& history = data.histories[s];
    std::copy_n(data.stores[s].padding, stride, history.rows + history.length * stride);
    std::copy_n(data.stores[s].padding_marks, columns, history.marks + history.length * columns);
  }
  for (std::size_t i = 0; i < model.interests.size(); ++i) {
    const network::Interest& interest = model.interests[i];
    if (data.keys[i] == nullptr) continue;
    copy_keys(interest, model.sequences[interest.sequence], data.histories[interest.sequence], data.keys[i]);
  }
  for (const network::HistorySum& sum : model.history_sums) {
    const Feature& feature = model.features[sum.feature];
    reference::history_sum(model, sum, data.histories[static_cast<std::size_t>(feature.sequence)], data.sums);
    for (std::size_t i = 0; i < feature.width; ++i) data.row[sum.offset + i] = static_cast<float>(data.sums[i]);
  }
  if (data.kernels.simd == nullptr) {  // scorers of other ISAs may read what it gives all the same
    return reference::project_user(model, data.row, data.sums, data.tower_initial);
  }
  run_user_mlps(*data.kernels.simd, data);
  project_user_parts(*data.kernels.simd, data);
}

}  // namespace dinghy::scoring
