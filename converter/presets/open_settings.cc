#include "converter/presets/open_settings.h"

#include <map>
#include <vector>

namespace dinghy::converter {
namespace {

constexpr OpenSetting kUser = {"inputs", "user", "[\"user\"]"};
constexpr OpenSetting kCandidate = {"inputs", "candidate", "[\"item\", \"category\"]"};
constexpr OpenSetting kHistory = {"inputs", "history", "[\"item\", \"category\"]"};
constexpr OpenSetting kDense = {"inputs", "dense", "[\"price\"]"};
constexpr OpenSetting kOrder = {"inputs", "order", "[\"user\", \"item\", \"category\"]"};
constexpr OpenSetting kSoftmax = {"attention", "softmax", "true"};
constexpr OpenSetting kUnit = {"attention", "activation", "\"sigmoid\""};
constexpr OpenSetting kTower = {"tower", "activation", "\"relu\""};
constexpr OpenSetting kLength = {"history", "max_length", "50"};

// In docs/recipes.md what a preset's section calls assumed, or asks for.
const std::map<std::string, std::vector<OpenSetting>> kOpen = {
    {"ai-recommendersystem", {kUser, kCandidate, kDense, kOrder, kUnit, kTower}},
    {"ctr-din-pytorch", {kUnit, kLength}},
    {"deepctr", {kUser, kCandidate, kHistory, kDense, kOrder, kSoftmax, kUnit, kTower, kLength}},
    {"deepctr-torch", {kUser, kCandidate, kHistory, kDense, kOrder, kSoftmax, kUnit, kTower, kLength}},
    {"fuxictr", {kUser, kCandidate, kSoftmax, kUnit, kTower, kLength}},
    {"prediction-flow", {kUser, kCandidate, kHistory, kDense, kOrder, kUnit, kTower, kLength}},
    {"rechorus", {kUser, kOrder, kLength}},
    {"reclearn", {kUser, kCandidate, kDense, kUnit, kTower, kLength}},
    {"seed", {kUser, kCandidate, kHistory, kUnit, kTower, kLength}},
    {"torch-rechub", {kUser, kCandidate, kHistory, kDense, kOrder, kSoftmax, kUnit, kTower, kLength}},
    {"widedeep", {kUser, kCandidate, kDense, kOrder, kUnit, kTower, kLength}},
};

}  // namespace

std::span<const OpenSetting> open_settings(const std::string& preset) {
  const auto known = kOpen.find(preset);
  return known == kOpen.end() ? std::span<const OpenSetting>() : std::span<const OpenSetting>(known->second);
}

std::string open_settings_text(const std::string& preset) {
  std::string text, section;
  for (const OpenSetting& setting : open_settings(preset)) {
    text += text.empty() ? "" : ", ";
    if (section != setting.section) text += std::string("[") + setting.section + "] ";
    section = setting.section;
    text += setting.key;
  }
  return text;
}

}  // namespace dinghy::converter
