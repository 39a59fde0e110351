// The feature columns that a DIN of DeepCTR was built from: a model configuration has them as a graph, for weights
// alone they follow from the tables' names and the recipe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "converter/presets/conversion.h"

namespace dinghy::converter {

struct DeepctrColumns {
  struct Ids {
    std::string layer;          // the table's: "sparse_seq_emb_hist_item"
    std::uint64_t buckets = 0;  // of the hash before it; 0: none
    bool keep_zero = false;     // the hash leaves 0 alone
    bool of_texts = false;      // training hashed texts, of which only whole numbers have a hash here
  };
  struct Sparse {
    std::string name;
    Ids ids;
  };
  struct History {
    std::string feature;  // the sparse feature whose behaviours it holds
    Ids ids;
  };
  struct Dense {
    std::string name;
    std::uint32_t width;
  };
  enum class Kind { sparse, interest, dense };
  struct Part {
    Kind kind;
    std::size_t index;  // in sparse or dense
  };

  std::vector<Sparse> sparse;
  std::vector<Dense> dense;
  std::vector<std::string> query;  // sparse features, in the order of the query
  std::vector<History> history;    // in the order of the keys
  std::vector<Part> tower;         // the tower's input
  std::uint32_t max_length = 0;    // 0: unknown
  Certainty certainty = Certainty::file;
  Certainty order = Certainty::file;  // of the tower's input
  // What the configuration says of the layers; none without one.
  std::optional<std::string> tower_activation, attention_activation, task;
  std::optional<bool> softmax;
};

/// From the model configuration where there is one, else from the tables. Throws Error for a network that this code
/// does not build, and where nothing tells the history's columns.
DeepctrColumns deepctr_columns(const Conversion& conversion);

}  // namespace dinghy::converter
