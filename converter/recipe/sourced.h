// Values of a network's description, with what says so and where.
#pragma once

#include <string>
#include <utility>

namespace dinghy::converter {

/// How sure the converter is of something.
enum class Certainty {
  file,       // the checkpoint says so
  companion,  // a file that the package wrote beside it says so
  recipe,     // the recipe says so
  preset,     // this code always does it like this
  assumed,    // the usual choice of this code; the checkpoint cannot tell
};

/// A value of a network's description with what says so. Two are equal when their values are.
template <class Value>
struct Sourced {
  // NOLINTNEXTLINE(google-explicit-constructor): a value that a recipe states stands for itself
  Sourced(Value the_value = {}, Certainty the_certainty = Certainty::recipe)
      : value(std::move(the_value)), certainty(the_certainty) {}

  /// Takes what a recipe says, if it says anything: that comes before all else.
  template <class Said>
  void override_by(const Said& said) {
    if (said) *this = {*said, Certainty::recipe};
  }

  bool operator==(const Sourced& other) const { return value == other.value; }

  Value value;
  Certainty certainty;
};

/// Where something stands, for errors: "recipe.toml:12". No part of what is said: all are equal.
struct RecipePlace {
  std::string text = {};
  bool operator==(const RecipePlace&) const { return true; }
};

}  // namespace dinghy::converter
