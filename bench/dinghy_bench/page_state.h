// Where the pages of the model's file are when a request comes.
#pragma once

#include <span>
#include <string>

#include "dinghy/model.h"

namespace dinghy::bench {

enum class PageState {
  hot,         // in memory and mapped, as far as earlier requests touched them
  page_cache,  // in memory, to be mapped again: a minor fault each
  cold,        // on the disk: a major fault each, or what the advice to the operating system makes of it
  unadvised,   // as cold, with the operating system's own guess of what will be read next instead of the advice
};

const char* name_of(PageState state);

/// Brings the pages of a mapped model into a state, as often as needed. Only clean pages can be dropped: the file is
/// synced first. Throws converter::Error when it cannot be opened. In a file system that lives in memory cold pages
/// are those of the page cache; the count of major faults tells.
class Pages {
 public:
  Pages(const Model& model, const std::string& path);
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;
  ~Pages();

  void bring_to(PageState state) const;

 private:
  std::span<const std::byte> mapping_;
  int descriptor_;
};

}  // namespace dinghy::bench
