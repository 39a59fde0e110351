// The items of a catalogue, as rows of the features that tell one item from another.
//
//   item    category
//   3706    12
//   1193    4
//
// The first line names features of the model, tabs stand between; one value each, an id as in requests.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "converter/requests/requests.h"

namespace dinghy::converter {

/// Lines [begin, begin + count) of a list.
struct ItemRange {
  std::size_t begin = 0;
  std::size_t count = 0;
};

class ItemList {
 public:
  /// Every id feature that behaviours and candidates have is needed; others of one id a row may come along. Throws
  /// Error with the place for a column that is unknown, missing or no single id, and for a value that is no id.
  ItemList(RequestShape shape, const std::string& path);

  std::size_t size() const { return size_; }

  /// A request of a user who did `behaviors`, about `candidates`. What the list has no column for is 0 or empty.
  Request request(ItemRange behaviors, ItemRange candidates) const;

 private:
  std::vector<std::string> required() const;
  void check_heads(const std::vector<std::string>& heads, const std::string& where) const;
  RequestColumn column(std::size_t feature, ItemRange items) const;

  RequestShape shape_;
  std::string path_;
  std::size_t size_ = 0;
  std::vector<RequestColumn> columns_;  // by feature; empty where the list has none
};

}  // namespace dinghy::converter
