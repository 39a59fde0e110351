// A random network whose items are named by strings.
#pragma once

#include <string>

#include "tests/engine/random_network.h"

namespace dinghy::tests {

/// The key of row `row` of the item table.
inline std::string item_key(std::size_t row) { return "item-" + std::to_string(row); }

/// The default random network, its table `item` behind a vocabulary of item_key(0) … item_key(kItems - 1).
inline converter::Network string_network(format::MissingId missing = format::MissingId::fail) {
  converter::Network network = random_network({});
  converter::Vocabulary vocabulary;
  vocabulary.name = "items";
  for (std::size_t row = 0; row < static_cast<std::size_t>(kItems); ++row) {
    vocabulary.string_rows.emplace_back(item_key(row), row);
  }
  network.vocabularies.push_back(vocabulary);
  for (converter::Table& table : network.tables) {
    if (table.name != "item") continue;
    table.vocabulary = 0;
    table.missing = missing;
  }
  return network;
}

}  // namespace dinghy::tests
