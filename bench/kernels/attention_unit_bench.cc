// The local activation unit of one candidate, all its layers, and the fold before it; arguments: key width, behaviours,
// and the widths of two hidden layers. The multiply-adds of the layers count, activations are the price.
#include <algorithm>

#include "bench/kernels/isa_benchmarks.h"

namespace dinghy::bench {
namespace {

std::size_t padded(std::int64_t n) { return (static_cast<std::size_t>(n) + 15) / 16 * 16; }

void attention_unit(benchmark::State& state, const kernels::KernelTable& kernels, kernels::ActivationKind kind) {
  const auto width = static_cast<std::size_t>(state.range(0)), history = static_cast<std::size_t>(state.range(1));
  const auto first = static_cast<std::uint32_t>(state.range(2)), second = static_cast<std::uint32_t>(state.range(3));
  const std::size_t first_stride = padded(first), second_stride = padded(second);
  const auto keys = small_numbers(history * width), fold = small_numbers(width * first_stride);
  const auto weight = small_numbers(first * second_stride),
             vector = small_numbers(std::max(first_stride, second_stride));
  const kernels::Activation activation{kind, 0, 0, vector.data(), vector.data(), vector.data()};
  const kernels::Layer hidden[] = {
      {nullptr, nullptr, static_cast<std::uint32_t>(width), first, static_cast<std::uint32_t>(first_stride),
       activation},
      {weight.data(), vector.data(), first, second, static_cast<std::uint32_t>(second_stride), activation}};
  const kernels::Output output = {vector.data(), 0.5f, second, {}};
  std::vector<float> scratch(2 * kernels::kAttentionBlock * std::max(first_stride, second_stride)), logits(history);
  const kernels::AttentionUnit unit = {.keys = keys.data(),
                                       .ldk = width,
                                       .rows = history,
                                       .fold = fold.data(),
                                       .initial = {vector.data()},
                                       .width = width,
                                       .hidden = hidden,
                                       .hidden_count = 2,
                                       .output = &output,
                                       .scratch = scratch.data(),
                                       .logits = logits.data()};
  count_multiply_adds(state, kernels, history * (width * first + first * second + second));
  for (auto _ : state) {
    kernels.attention_unit(unit);
    benchmark::DoNotOptimize(logits.data());
    benchmark::ClobberMemory();
  }
}

void sigmoid_unit(benchmark::State& state, const kernels::KernelTable& kernels) {
  attention_unit(state, kernels, kernels::ActivationKind::sigmoid);
}

void dice_unit(benchmark::State& state, const kernels::KernelTable& kernels) {
  attention_unit(state, kernels, kernels::ActivationKind::gate);
}

void fold_query(benchmark::State& state, const kernels::KernelTable& kernels) {
  const auto width = static_cast<std::size_t>(state.range(0)), stride = padded(state.range(1));
  const auto keys_weight = small_numbers(width * stride), product_weight = keys_weight, q = small_numbers(width);
  std::vector<float> fold(width * stride);
  count_multiply_adds(state, kernels, width * stride);
  for (auto _ : state) {
    kernels.fold_query(keys_weight.data(), product_weight.data(), q.data(), width, stride, fold.data());
    benchmark::DoNotOptimize(fold.data());
    benchmark::ClobberMemory();
  }
}

/// One behaviour of W6 and a hundred candidates.
void pair_product(benchmark::State& state, const kernels::KernelTable& kernels) {
  const auto in = static_cast<std::size_t>(state.range(0)), rows = static_cast<std::size_t>(state.range(1)),
             out = static_cast<std::size_t>(state.range(2)), stride = padded(state.range(2));
  const auto q = small_numbers(rows * in), k = small_numbers(in), weight = small_numbers(in * stride);
  std::vector<float> sums(rows * stride);
  count_multiply_adds(state, kernels, 2 * rows * in * out);
  for (auto _ : state) {
    kernels.pair_product({.q = q.data(),
                          .ldq = in,
                          .rows = rows,
                          .k = k.data(),
                          .keys_weight = weight.data(),
                          .product_weight = weight.data(),
                          .ldw = stride,
                          .in = in,
                          .out = out,
                          .initial = {sums.data()},
                          .y = sums.data(),
                          .ldy = stride});
    benchmark::DoNotOptimize(sums.data());
    benchmark::ClobberMemory();
  }
}

// W2, W0, W1, and the attention of FuxiCTR and of RecBole.
const std::vector<std::vector<std::int64_t>> kShapes = {
    {128, 100, 80, 40}, {32, 50, 80, 40}, {36, 50, 80, 40}, {40, 100, 512, 256}, {64, 50, 256, 256}};

const RegisterKernel kSigmoid("attention_unit_sigmoid", &sigmoid_unit, kShapes);
const RegisterKernel kDice("attention_unit_dice", &dice_unit, kShapes);
const RegisterKernel kFold("fold_query", &fold_query, {{128, 80}, {36, 80}});
const RegisterKernel kPairs("pair_product", &pair_product, {{128, 100, 80}, {36, 100, 80}});

}  // namespace
}  // namespace dinghy::bench
