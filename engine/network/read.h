// From a file to a network: each function checks a part of the metadata and makes the structs of network.h from it, in
// one. What is not checked is never made, so that scoring can run blind: after read_network() every index, width and
// enum that scoring uses is in range, and every dense number is finite. Two things are left to scoring, which checks
// them where they occur: ids, and the contents of tables and vocabularies, whose pages opening does not touch.
#pragma once

#include "dinghy/status.h"
#include "engine/network/network.h"

namespace dinghy::network {

class LayerReader;

/// Makes `model` from `model.file`. Errors: bad_file and unsupported, naming the field; out_of_memory.
Status read_network(Model& model) noexcept;

// ---- the steps, in their order: each needs those before it ----------------------------------------------------------

/// Vocabularies, tables, golden rows: bytes of their segments.
Status read_tables(Model& model, LayerReader& layers) noexcept;
/// Behaviour histories, and features with their places in the user row and the candidate row.
Status read_features(Model& model, LayerReader& layers) noexcept;
/// Interests, and the places of features in the behaviour rows.
Status read_interests(Model& model, LayerReader& layers) noexcept;
/// MLPs, tower and head, and the sums over the history that they name.
Status read_tower(Model& model, LayerReader& layers) noexcept;

Status no_memory() noexcept;

}  // namespace dinghy::network
