// A feature's name in messages.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/network/network.h"

namespace dinghy::network {

/// The first 64 bytes of a name: precision and pointer for "%.*s".
struct FeatureName {
  int size;
  const char* text;
};

inline FeatureName name_of(const Model& model, std::uint32_t feature) noexcept {
  const std::string_view name = model.public_features[feature].name;
  return {static_cast<int>(name.size() < 64 ? name.size() : 64), name.data()};
}

}  // namespace dinghy::network
