// What every test of a hostile file does with it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/engine/changed_model.h"

namespace dinghy::tests {

/// What makes a sound model hostile, and what the error has to name.
struct HostileChange {
  std::string named;
  std::function<void(changeable::ModelT&)> apply;
};

/// Fails the test unless each change alone makes opening the model a bad_file whose message has `named`. What opens all
/// the same is scored on every ISA with sound and with hostile ids, so that a sanitizer shows what the check was for.
void check_refused(const converter::Network& sound, const std::vector<HostileChange>& changes);
void check_refused(const Result<Model>& hostile, const std::string& named);

}  // namespace dinghy::tests
