// One interest of a call, with what every step of its logits needs.
#pragma once

#include "engine/scoring/queries.h"
#include "engine/scoring/rows.h"
#include "engine/scoring/scorer_data.h"
#include "engine/scoring/user_data.h"

namespace dinghy::scoring {

struct Unit {
  Scorer::Data& data;
  const kernels::KernelTable& kernels;
  const network::Interest& interest;
  const network::History& history;
  std::size_t columns;  // of the history's tokens
  Scorer::Data::InterestStore& store;
  Rows keys;  // of the behaviours, the padding row behind the last

  Unit(Scorer::Data& d, const UserState::Data& user, std::size_t index) noexcept
      : data(d),
        kernels(*d.kernels.simd),
        interest(d.network().interests[index]),
        history(user.histories[interest.sequence]),
        columns(d.network().sequences[interest.sequence].features.size()),
        store(d.interests[index]),
        keys(keys_of(user, interest, index)) {}

  bool is_mlp() const noexcept { return interest.score == format::Score::mlp; }
  std::size_t stride() const noexcept { return interest.hidden[0].stride; }
};

}  // namespace dinghy::scoring
