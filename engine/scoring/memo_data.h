// The memory of a memo.
#pragma once

#include <atomic>
#include <cstdint>

#include "dinghy/pair_memo.h"
#include "engine/kernels/select.h"
#include "engine/memo/part.h"
#include "engine/memory/arena.h"
#include "engine/memory/array.h"
#include "engine/network/network.h"

namespace dinghy {

struct PairMemo::Data {
  explicit Data(const Model& m) noexcept : model(m) {}

  std::atomic<std::uint32_t> references{1};
  Model model;  // keeps the mapping alive
  kernels::Selection kernels;
  Array<memo::Part> parts;  // per interest; no memory where it has no unit
  Arena arena;

  const network::Model& network() const noexcept { return model.internal(); }
};

}  // namespace dinghy
