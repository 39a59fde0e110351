// How the local activation unit goes over a behaviour history with as few multiplications as the request allows.
//
// Two things repeat in real histories: whole behaviours, and the values of coarse fields (a hundred behaviours have
// some twenty-five categories). The folded first layer is a sum over the fields of the item,
//     z = (sum over coarse fields f of k_f E_f(q_f) + c(q)) + sum over fine fields f of k_f E_f(q_f),
// so a repeated behaviour needs its pair once, and the coarse fields' part once per distinct pair of values: with c(q)
// it becomes the table row that a pair's sum begins with (kernels::Initial). The sums are taken in this order whether
// anything repeats or not, so that what else a request holds changes no bit of a pair's logit.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/network/network.h"
#include "engine/network/row_mark.h"
#include "engine/scoring/distinct.h"
#include "engine/scoring/rows.h"

namespace dinghy::scoring {

/// Keys of integers; both arrays have a block of rows more than keys, and the words a vector more.
struct IntegerKeys {
  std::int32_t* words = nullptr;  // [max_history + 1][kernels::words_of]
  float* scale = nullptr;         // [max_history + 1]
};

struct KeyPlan {
  bool looks = false;                               // for what repeats, among the candidates too
  Rows keys = {};                                   // the fine fields of each distinct behaviour
  std::size_t rows = 0;                             // distinct behaviours
  const std::uint32_t* behavior = nullptr;          // [behaviours] the row of each; null: its own
  Rows coarse = {};                                 // the coarse fields' distinct values
  std::size_t coarse_rows = 0;                      // 0: all fields are fine
  const std::uint32_t* coarse_row = nullptr;        // [rows] the row of `coarse` that belongs to each row of `keys`
  const std::uint32_t* first_behavior = nullptr;    // [rows] a behaviour of each row; null: its own
  IntegerKeys integers = {}, coarse_integers = {};  // null until quantize_keys()

  bool is_quantized() const noexcept { return integers.words != nullptr; }
};

/// Rows of a history that follow each other, as an interest sees them; the padding row may be the last of them.
struct Behaviors {
  Rows keys;                                // all fields in their order
  const network::RowMark* marks = nullptr;  // [count][columns] (network::History)
  std::size_t columns = 0;
  std::size_t count = 0;
};

inline MarkedRows marked_rows(const Behaviors& behaviors) noexcept {
  return {.marks = behaviors.marks,
          .stride = behaviors.columns,
          .count = behaviors.count,
          .column = &network::Field::key_column};
}

struct PlanScratch {
  float* fine_keys = nullptr;    // [max_history + 1][key_stride]
  float* coarse_keys = nullptr;  // likewise
  std::size_t key_stride = 0;
  std::uint32_t* behavior_group = nullptr;  // four arrays of [max_history + 1]
  std::uint32_t* behavior_first = nullptr;
  std::uint32_t* coarse_group = nullptr;
  std::uint32_t* coarse_first = nullptr;
  const std::uint32_t* identity = nullptr;  // [max_history + 1] 0, 1, 2, …
};

/// A plan for some behaviours and `candidates` candidates.
KeyPlan plan_keys(const network::Interest& interest, const Behaviors& behaviors, std::size_t candidates,
                  const PlanScratch& scratch, const DistinctScratch& distinct) noexcept;

}  // namespace dinghy::scoring
