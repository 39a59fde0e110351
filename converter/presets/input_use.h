// What the inputs of a graph became: for reports, and for programs that make requests out of a graph's inputs.
#pragma once

#include <cstdint>
#include <string>

namespace dinghy::converter {

/// What an input of a graph, or some of its columns, became.
struct InputUse {
  enum class Kind {
    feature,  // values of a feature of the user, the context or the candidate
    history,  // behaviours' values of a feature
    mask,     // tells behaviours from padding; requests do without it
    length,   // the number of behaviours; requests do without it
  };
  std::string input = {};
  std::size_t begin = 0, columns = 1;
  Kind kind = Kind::feature;
  std::uint32_t feature = 0;       // in the network; of feature and history
  bool true_at_behaviours = true;  // of a mask
};

}  // namespace dinghy::converter
