#include "engine/scoring/mlps.h"

#include <algorithm>

#include "engine/kernels/reference/layers.h"
#include "engine/scoring/parts.h"
#include "engine/scoring/queries.h"

namespace dinghy::scoring {
namespace {

using network::Mlp;

void run_by_reference(UserState::Data& data, const Mlp& mlp, float* result) noexcept {
  double* const x = data.scratch;
  double* const y = x + mlp.width;
  double* const spare = y + data.mlp_stride;
  std::copy_n(data.tower_input, mlp.width, x);
  kernels::reference::run(mlp.layers.begin(), mlp.layers.size(), x, y, spare);
  for (std::size_t i = 0; i < mlp.result_width(); ++i) result[i] = static_cast<float>(y[i]);
}

}  // namespace

void run_user_mlps(UserState::Data& data) noexcept {
  for (const Mlp& mlp : data.network().mlps) {
    if (!mlp.of_user) continue;
    concatenate(mlp.parts.span(), {data.row, nullptr, nullptr}, data.kernels.simd, data.tower_input);
    float* const result = data.row + mlp.offset;
    if (data.kernels.simd == nullptr) {
      run_by_reference(data, mlp, result);
      continue;
    }
    const Rows y = run_layers(*data.kernels.simd, mlp.layers, {data.tower_input, mlp.width}, 1, data.mlp_hidden,
                              data.mlp_spare, data.mlp_stride);
    std::copy_n(y.data, mlp.result_width(), result);
  }
}

void run_mlps(Scorer::Data& data, const UserState::Data& user, const Block& block) noexcept {
  const kernels::KernelTable& kernels = *data.kernels.simd;
  for (const Mlp& mlp : data.network().mlps) {
    if (mlp.of_user) continue;
    for (std::size_t n = 0; n < block.count; ++n) {
      const OperandRows rows{user.row, data.candidates + (block.first + n) * data.candidate_stride,
                             data.results + n * data.result_stride};
      concatenate(mlp.parts.span(), rows, &kernels, data.tower_input + n * data.tower_stride);
    }
    const Rows y = run_layers(kernels, mlp.layers, {data.tower_input, data.tower_stride}, block.count, data.hidden,
                              data.hidden_spare, data.hidden_stride);
    for (std::size_t n = 0; n < block.count; ++n) {
      std::copy_n(y.at(n), mlp.result_width(), data.results + n * data.result_stride + mlp.offset);
    }
  }
}

}  // namespace dinghy::scoring
