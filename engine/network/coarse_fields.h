// Which fields of an item are coarse: many items have the same category, so a request needs its part of the attention
// unit's first layer for few values only.
#pragma once

#include "engine/network/network.h"

namespace dinghy::network {

/// Groups the interest's fields, once for a model: the order of a pair's sums follows from the groups, so nothing about
/// a request may change them. Coarse are the fields with the smallest tables, as many of them as have together at most
/// a quarter as many combinations as the largest table has rows: more would hardly repeat. Fields that are no ids are
/// fine, and so are all fields of an interest without a first layer that could be cut. False: no memory.
bool group_fields(const Model& model, Interest& interest) noexcept;

}  // namespace dinghy::network
