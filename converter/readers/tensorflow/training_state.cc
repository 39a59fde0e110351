#include "converter/readers/tensorflow/training_state.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

namespace dinghy::converter {
namespace {

constexpr std::string_view kPart = "/part_";
constexpr std::string_view kAverage = "/ExponentialMovingAverage";
constexpr std::array<std::string_view, 4> kCounters = {"global_step", "beta1_power", "beta2_power", "save_counter"};

bool has_component(std::string_view key, std::string_view component) {
  while (!key.empty()) {
    const std::size_t end = std::min(key.find('/'), key.size());
    if (key.substr(0, end) == component) return true;
    key.remove_prefix(std::min(end + 1, key.size()));
  }
  return false;
}

std::string last_component(const std::string& key) { return key.substr(key.rfind('/') + 1); }

}  // namespace

std::string without_part(const std::string& key) {
  const std::size_t begin = key.find(kPart);
  if (begin == std::string::npos) return key;
  const auto rest = std::find_if_not(key.begin() + static_cast<std::ptrdiff_t>(begin + kPart.size()), key.end(),
                                     [](unsigned char c) { return std::isdigit(c) != 0; });
  return key.substr(0, begin) + std::string(rest, key.end());
}

std::string averaged_variable(const std::string& key, const std::set<std::string>& keys) {
  if (!key.ends_with(kAverage)) return "";
  const std::string variable = key.substr(0, key.size() - kAverage.size());
  return keys.contains(without_part(variable)) ? variable : "";
}

std::string training_state_reason(const std::string& key, const std::set<std::string>& keys) {
  if (has_component(key, ".OPTIMIZER_SLOT") || has_component(key, "optimizer")) return "state of the optimizer";
  if (has_component(key, "keras_api")) return "a metric of training";
  if (has_component(key, "save_counter")) return "a counter of training";
  const std::string name = without_part(key);
  if (std::ranges::find(kCounters, last_component(name)) != kCounters.end()) return "a counter of training";
  const std::size_t parent = name.rfind('/');
  if (parent == std::string::npos || !keys.contains(name.substr(0, parent))) return "";
  return "state of the optimizer";
}

}  // namespace dinghy::converter
