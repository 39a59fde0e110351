#include "converter/presets/attention_parts.h"

#include <set>

#include "converter/error.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

struct Place {
  std::size_t block;
  double sign;
};

Place place_of(const std::string& part, const std::string& where) {
  if (part == "q") return {0, 1};
  if (part == "k") return {1, 1};
  if (part == "q-k") return {2, 1};
  if (part == "k-q") return {2, -1};
  if (part == "q*k" || part == "k*q") return {3, 1};
  throw Error(where, "\"parts\" has " + in_quotes(part) + "; a part is q, k, q-k, k-q or q*k");
}

}  // namespace

void order_parts(Matrix& weight, const std::vector<std::string>& parts, std::size_t width, const std::string& where) {
  const std::size_t block_size = width * weight.cols;
  Matrix ordered{4 * width, weight.cols, Vector(4 * block_size, 0.0)};
  std::set<std::size_t> seen;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const Place place = place_of(parts[i], where);
    if (!seen.insert(place.block).second) throw Error(where, "\"parts\" has " + in_quotes(parts[i]) + " twice");
    for (std::size_t j = 0; j < block_size; ++j) {
      ordered.values[place.block * block_size + j] = place.sign * weight.values[i * block_size + j];
    }
  }
  weight = std::move(ordered);
}

}  // namespace dinghy::converter
