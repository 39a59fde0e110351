// What damaged checkpoints end in, counted, and compared with a list that a person has read.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "converter/readers/read_checkpoint.h"

namespace dinghy::converter::test {

/// Everything that a reader gave of a checkpoint, but for its path: two with the same text are the same.
std::string text_of(const Checkpoint& checkpoint);

class Outcomes {
 public:
  /// `sound` is what reading the undamaged file gives; `folder`, a path with a slash at its end, is left out.
  Outcomes(std::string sound, std::string folder) : sound_(std::move(sound)), folder_(std::move(folder)) {}

  /// Counts what `read` does: it gives the same, gives something else, or throws Error. Names in quotes and numbers are
  /// left out of messages. `read` that throws anything else fails the test.
  void count(const std::function<std::string()>& read);

  /// Compares the counts with outcomes/NAME.txt. With DINGHY_WRITE_OUTCOMES in the environment the list is written
  /// instead.
  void check(const std::string& name) const;

 private:
  std::string sound_, folder_;
  std::map<std::string, int> counts_;
};

/// Every file that is `bytes` cut short, without one of its bytes in [begin, end), or with another one in its place.
void for_each_damage(std::string_view bytes, std::size_t begin, std::size_t end,
                     const std::function<void(const std::string&)>& use);

}  // namespace dinghy::converter::test
