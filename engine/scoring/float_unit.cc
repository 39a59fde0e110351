#include "engine/scoring/float_unit.h"

#include <algorithm>

namespace dinghy::scoring {
namespace {

/// Rows of the folded first layer for some fields, side by side.
void fold_fields(const Unit& u, const network::FieldGroup& of, const float* q, float* fold) noexcept {
  const std::size_t stride = u.stride();
  for (const std::uint32_t f : of.fields) {
    const network::Field& field = u.interest.fields[f];
    const std::size_t first = field.begin * stride;
    u.kernels.fold_query(u.interest.keys_weight + first, u.interest.product_weight + first, q + field.begin,
                         field.width, stride, fold);
    fold += field.width * stride;
  }
}

}  // namespace

void project(const Unit& u, Rows x, std::size_t rows, const float* weight, float* initial) noexcept {
  const network::Layer& first = u.interest.hidden[0];
  u.kernels.product({.x = x.data,
                     .ldx = x.stride,
                     .rows = rows,
                     .weight = weight,
                     .ldw = first.stride,
                     .in = u.interest.width,
                     .out = first.out,
                     .initial = {first.bias},
                     .y = initial,
                     .ldy = first.stride});
}

void multiply_queries(const Unit& u, InterestStore& store) noexcept {
  if (store.has_initial) return;
  project(u, u.queries, u.candidates.count, u.interest.query_weight, store.initial);
  store.has_initial = true;
}

void run_unit(const Unit& u, const kernels::Layer* hidden, Rows keys, std::size_t rows, std::size_t width,
              kernels::Initial initial, const SumScratch& scratch, const float* plus) noexcept {
  u.kernels.attention_unit({.keys = keys.data,
                            .ldk = keys.stride,
                            .rows = rows,
                            .fold = scratch.fold,
                            .initial = initial,
                            .width = width,
                            .hidden = hidden,
                            .hidden_count = u.interest.hidden.size(),
                            .output = &u.interest.output,
                            .scratch = scratch.activations,
                            .logits = scratch.logits,
                            .plus = plus});
}

void run_dot(const Unit& u, const float* vector, Rows rows, std::size_t count, const SumScratch& scratch) noexcept {
  // The kernel loads whole vectors, so it gets a copy with zeros behind it.
  std::fill_n(scratch.vector, scratch.vector_width, 0.f);
  std::copy_n(vector, u.interest.width, scratch.vector);
  const network::Output dot{.weight = scratch.vector, .in = static_cast<std::uint32_t>(u.interest.width)};
  u.kernels.output(dot, rows.data, rows.stride, count, scratch.logits);
}

void multiply_float_coarse(const Unit& u, const KeyPlan& plan, const float* q, const SumScratch& scratch) noexcept {
  fold_fields(u, u.interest.coarse, q, scratch.fold);
  u.kernels.product({.x = plan.coarse.data,
                     .ldx = plan.coarse.stride,
                     .rows = plan.coarse_rows,
                     .weight = scratch.fold,
                     .ldw = u.stride(),
                     .in = u.interest.coarse.width,
                     .out = u.interest.hidden[0].out,
                     .initial = {scratch.zeros},
                     .y = scratch.coarse_product,
                     .ldy = u.stride()});
}

void float_logits(const Unit& u, const KeyPlan& plan, const float* q, kernels::Initial initial, const float* plus,
                  const SumScratch& scratch) noexcept {
  fold_fields(u, u.interest.fine, q, scratch.fold);
  run_unit(u, u.interest.hidden.begin(), plan.keys, plan.rows, u.interest.fine.width, initial, scratch, plus);
}

}  // namespace dinghy::scoring
