// Random networks whose items have a vocabulary.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/network/network.h"
#include "tests/engine/random_network.h"

namespace dinghy::tests {

/// A vocabulary that gives keys[i] row i.
inline converter::Vocabulary numbered(const std::vector<std::int64_t>& keys) {
  converter::Vocabulary vocabulary;
  for (std::size_t row = 0; row < keys.size(); ++row) vocabulary.int64_rows.emplace_back(keys[row], row);
  return vocabulary;
}
inline converter::Vocabulary numbered(const std::vector<std::string>& keys) {
  converter::Vocabulary vocabulary;
  for (std::size_t row = 0; row < keys.size(); ++row) vocabulary.string_rows.emplace_back(keys[row], row);
  return vocabulary;
}

/// "item-0", "item-1", …: one for each row of the item table.
inline std::vector<std::string> item_keys() {
  std::vector<std::string> keys;
  for (std::int64_t row = 0; row < kItems; ++row) keys.push_back("item-" + std::to_string(row));
  return keys;
}

inline converter::Table& item_table(converter::Network& network) {
  return *std::find_if(network.tables.begin(), network.tables.end(), [](const auto& t) { return t.name == "item"; });
}

/// The default random network with this vocabulary before its item table.
inline converter::Network network_with(converter::Vocabulary vocabulary,
                                       format::MissingId missing = format::MissingId::fail) {
  converter::Network network = random_network({});
  vocabulary.name = "items";
  network.vocabularies.push_back(std::move(vocabulary));
  item_table(network).vocabulary = 0;
  item_table(network).missing = missing;
  return network;
}

/// The item table of the opened model, as the engine sees it.
inline const network::Table& items_of(const Model& model) {
  return *model.internal().features[*model.feature("item")].table;
}

}  // namespace dinghy::tests
