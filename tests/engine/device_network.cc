#include "tests/engine/device_network.h"

#include <algorithm>
#include <map>
#include <vector>

#include "dinghy/embedding_table.h"
#include "tests/engine/random_network.h"

namespace dinghy::tests {
namespace {

using converter::Network;

std::map<int, std::uint64_t> versions_of_tables(const Network& network, const Model& whole) {
  std::map<int, std::uint64_t> versions;
  for (std::uint32_t f = 0; f < network.features.size(); ++f) {
    const int request = network.features[f].table, history = network.features[f].history_table;
    using Side = EmbeddingTable::Side;
    if (request >= 0) versions[request] = EmbeddingTable::of(whole, f, Side::request)->version();
    if (history >= 0) versions[history] = EmbeddingTable::of(whole, f, Side::history)->version();
  }
  return versions;
}

/// Some rows of a tensor side by side.
converter::Tensor rows_of_tensor(const converter::Tensor& tensor, const std::vector<std::uint64_t>& rows) {
  const auto width = static_cast<std::size_t>(tensor.shape[1]);
  std::vector<float> numbers(rows.size() * width);
  for (std::size_t r = 0; r < rows.size(); ++r) {
    tensor.read_rows(rows[r], 1, std::span(numbers).subspan(r * width, width));
  }
  return tensor_of(tensor.name, static_cast<std::int64_t>(rows.size()), tensor.shape[1], numbers);
}

}  // namespace

Network device_network(Network network, const Model& whole, std::uint64_t local_ids) {
  for (const auto& [index, version] : versions_of_tables(network, whole)) {
    converter::Table& table = network.tables[static_cast<std::size_t>(index)];
    const auto count = static_cast<std::uint64_t>(table.source.shape[0]);
    converter::Vocabulary local{.name = table.name, .int64_rows = {}, .string_rows = {}};
    std::vector<std::uint64_t> rows;
    for (std::uint64_t id = 0; id < std::min(count, std::max<std::uint64_t>(1, local_ids)); ++id) {
      if (id < local_ids) local.int64_rows.emplace_back(id, rows.size());
      rows.push_back(id);
    }
    const auto keep = [&](std::uint64_t row) {
      const auto found = std::ranges::find(rows, row);
      const auto number = static_cast<std::uint64_t>(found - rows.begin());
      if (found == rows.end()) rows.push_back(row);
      return number;
    };
    for (converter::Feature& feature : network.features) {
      if (feature.history_table != index || feature.pad_row < 0) continue;
      feature.pad_row = static_cast<std::int64_t>(keep(static_cast<std::uint64_t>(feature.pad_row)));
    }
    table.missing_row = keep(table.missing_row);
    table.remote_rows = count;
    table.remote_version = version;
    table.source = rows_of_tensor(table.source, rows);
    if (table.missing == format::MissingId::clamp) table.missing = format::MissingId::fail;
    table.hash = format::IdHash::none;
    table.hash_buckets = 0;
    table.vocabulary = static_cast<int>(network.vocabularies.size());
    network.vocabularies.push_back(std::move(local));
  }
  return network;
}

}  // namespace dinghy::tests
