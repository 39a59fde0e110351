// MODEL_data_info.npz, which LibRecommender's data_info.save writes: the raw ids behind the rows of its tables.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "converter/tensor.h"

namespace dinghy::converter {

struct LibRecommenderIds {
  using Rows = std::vector<std::pair<std::string, std::uint64_t>>;
  struct Sparse {
    std::int64_t first_row = 0;  // its rows in the one table of all sparse features
    std::int64_t rows = 0;       // the last one is of values that training did not see, and of padding
    Rows values;
  };

  Rows users, items;
  std::map<std::string, Sparse> sparse;  // by name; all of them, or none
};

/// `sparse`: the names of the sparse features in the order of the tables, `rows` of the one that they share. Nothing
/// where the file is not there, or holds ids that are neither whole numbers nor texts. Throws Error for one that does
/// not belong to these features.
std::optional<LibRecommenderIds> librecommender_ids(const Checkpoint& checkpoint,
                                                    const std::vector<std::string>& sparse, std::int64_t rows);

/// The means of the item's `count` dense features over all items, in their order: what stands for an item that training
/// did not see, and for padding. Nothing where the file is not there. Throws Error for one that does not belong to
/// them.
std::optional<std::vector<double>> librecommender_means(const Checkpoint& checkpoint, std::size_t count);

}  // namespace dinghy::converter
