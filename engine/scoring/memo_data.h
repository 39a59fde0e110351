// The memory of a memo.
#pragma once

#include <atomic>
#include <cstdint>

#include "dinghy/pair_memo.h"
#include "engine/kernels/select.h"
#include "engine/memo/file.h"
#include "engine/memo/part.h"
#include "engine/memory/arena.h"
#include "engine/memory/array.h"
#include "engine/memory/owned.h"
#include "engine/network/network.h"
#include "engine/platform/mapped_file.h"

namespace dinghy {

struct PairMemo::Data {
  explicit Data(const Model& m) noexcept : model(m) {}

  std::atomic<std::uint32_t> references{1};
  Model model;  // keeps the mapping alive
  kernels::Selection kernels;
  memo::Origin origin;      // of the logits
  Array<memo::Part> parts;  // per interest; no memory where it has no unit
  Arena arena;
  platform::MappedFile mapping;  // of a memo that was opened; its parts lie in it

  const network::Model& network() const noexcept { return model.internal(); }
};

namespace scoring {

/// What the logits are of that `kernels` compute.
memo::Origin origin_of(const Model& model, const kernels::Selection& kernels) noexcept;

/// A memo of a model and an ISA, without parts. Errors: out_of_memory, unknown_isa, unavailable_isa.
Status make_memo(const Model& model, const PairMemoOptions& options, Owned<PairMemo::Data>& data) noexcept;

/// Gives each part that has a size memory of the memo's own. Errors: out_of_memory.
Status allocate(PairMemo::Data& data) noexcept;

}  // namespace scoring
}  // namespace dinghy
