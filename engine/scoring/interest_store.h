// What a scorer keeps of an interest from score() to rescore().
#pragma once

#include <cstddef>
#include <cstdint>

namespace dinghy::scoring {

struct InterestStore {
  bool in_integers = false;  // how its logits are computed: integer_unit.h
  float* queries = nullptr;  // [candidates][stride of k], null where the candidate rows serve
  float* logits = nullptr;   // [candidates][logit_stride] of the behaviours [first, first + length) of `epoch`; where
                             // the interest has positions, of its padding rows behind them
  std::size_t logit_stride = 0;
  float* initial = nullptr;  // [candidates][stride of the first layer] c(q) = q * (Wa + Wc) + b; of a unit by position
                             // one row, c(k)
  bool has_initial = false;  // c(q) is there, of the candidates at hand
  float* pad_logits = nullptr;  // [candidates] of the padding row, when has_pad_logits
  bool has_pad_logits = false;
  std::uint64_t epoch = 0;  // 0: none
  std::uint64_t first = 0;
  std::size_t length = 0;
};

}  // namespace dinghy::scoring
