// A memo of all pairs of a catalogue's items.
#pragma once

#include <string>

#include "converter/pairs/item_list.h"
#include "dinghy/pair_memo.h"

namespace dinghy::converter {

/// Computes every pair of an item as candidate and an item as behaviour. `isa`: empty for the engine's choice. Shows
/// its progress. Throws Error at `path`, the model's, when the model takes no memo, and when the pairs find no memory.
PairMemo catalogue_memo(const Model& model, const std::string& path, const ItemList& items, const std::string& isa);

/// Throws Error as OutputFile.
void write_memo(const PairMemo& memo, const std::string& path);

}  // namespace dinghy::converter
