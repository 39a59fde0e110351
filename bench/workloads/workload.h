// The workloads that are measured, W0 … W7: the shape of a network and the size of a request.
//
// All networks are DINs with a user id, an item id and a category id, one interest with two hidden layers of 80 and 40
// and softmax, and a tower of two hidden layers over user, candidate and interest.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "model_generated.h"

namespace dinghy::bench {

inline constexpr std::size_t kAttentionWidths[] = {80, 40};

/// The user's vector is as wide as the item's.
struct NetworkShape {
  std::uint32_t item_width;
  std::uint32_t category_width;
  format::ActivationKind attention;  // sigmoid, or gate: Dice
  format::ActivationKind tower;
  std::size_t tower_widths[2];
  std::int64_t items;
  std::int64_t categories;
  std::int64_t users;
  format::Compute compute = format::Compute::f32;

  std::size_t width() const { return item_width + category_width; }
};

struct Workload {
  const char* name;
  NetworkShape network;
  std::size_t candidates;
  std::size_t history;
  bool appends;  // a request is one behaviour more, the same candidates ranked again
};

/// All but W5, whose file has more than 4 GB.
std::span<const Workload> workloads();

/// Any of them; null when there is none of this name.
const Workload* find_workload(std::string_view name);

/// Multiply-adds of one request in the folded form without any reuse of repeated values (docs/design.md): what "% of
/// peak" counts, for every engine alike.
std::uint64_t folded_multiply_adds(const Workload& workload);

}  // namespace dinghy::bench
