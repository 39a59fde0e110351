// How the local activation unit goes over a behaviour history with as few multiplications as the request allows.
//
// Two things repeat in real histories: whole behaviours, and the values of coarse fields (a hundred behaviours have
// some twenty-five categories). The folded first layer is a sum over the fields of the item,
//     z = sum over fields f of k_f E_f(q_f) + c(q),
// so a repeated behaviour needs its pair once, and the coarse fields' part once per distinct pair of values: it becomes
// the table row that a pair's sum begins with (kernels::Initial).
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/network/user.h"
#include "engine/scoring/rows.h"
#include "engine/scoring/scorer_data.h"

namespace dinghy::scoring {

struct KeyPlan {
  bool is_planned = false;  // false: the keys as they are, all fields direct, in order
  Rows direct;              // the direct fields of each distinct behaviour
  std::size_t direct_width = 0;
  std::size_t rows = 0;                     // distinct behaviours
  const std::uint32_t* behavior = nullptr;  // [behaviours] the row of each; null: its own
  Rows shared;                              // the shared fields' distinct values
  std::size_t shared_width = 0;
  std::size_t shared_rows = 0;                // 0: no field is shared
  const std::uint32_t* shared_row = nullptr;  // [rows] the row of `shared` that belongs to each row of `direct`
  const std::uint32_t* fields = nullptr;      // positions in Interest::fields: direct ones, then shared ones
  std::size_t direct_fields = 0;
};

/// A plan for the first `behaviors` rows of the history (the padding row may be the last of them) and data.count
/// candidates. `keys` are the interest's keys, all fields in their order.
KeyPlan plan_keys(Scorer::Data& data, const network::Interest& interest, const network::History& history,
                  std::size_t columns, Rows keys, std::size_t behaviors) noexcept;

}  // namespace dinghy::scoring
