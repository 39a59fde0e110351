#include "converter/model_file/tower_order.h"

#include <algorithm>

namespace dinghy::converter {
namespace {

bool needs_candidate(const Network& network, const Part& part);

bool needs_candidate(const Network& network, const Operand& operand) {
  switch (operand.source) {
    case format::Source::feature:
      return network.features.at(operand.index).role == format::Role::candidate;
    case format::Source::interest:
      return true;
    case format::Source::history_sum:
    case format::Source::history_mean:
      return false;
    case format::Source::mlp:
      break;
  }
  const std::vector<Part>& parts = network.mlps.at(operand.index).parts;
  return std::any_of(parts.begin(), parts.end(), [&](const Part& part) { return needs_candidate(network, part); });
}

bool needs_candidate(const Network& network, const Part& part) {
  return needs_candidate(network, part.operand) || (part.times && needs_candidate(network, *part.times));
}

// A part with the first tower layer's rows that belong to it.
struct PartWithRows {
  Part part;
  std::vector<double> rows;
};

}  // namespace

void move_user_parts_first(Network& network) {
  Matrix& weight = network.tower.at(0).weight;
  std::vector<PartWithRows> parts;
  auto row = weight.values.begin();
  for (const Part& part : network.tower_parts) {
    const auto end = row + static_cast<std::ptrdiff_t>(part.operand.width * weight.cols);
    parts.push_back({part, {row, end}});
    row = end;
  }
  std::stable_partition(parts.begin(), parts.end(),
                        [&](const PartWithRows& entry) { return !needs_candidate(network, entry.part); });
  auto out = weight.values.begin();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    network.tower_parts[i] = parts[i].part;
    out = std::copy(parts[i].rows.begin(), parts[i].rows.end(), out);
  }
}

}  // namespace dinghy::converter
