// Pickles written back from the values that were read of one, with one of them changed.
#pragma once

#include <functional>
#include <string>

#include "converter/readers/pickle/pickle.h"

namespace dinghy::converter::test {

/// The pickle with `instead` in the place of the value `changed`, wherever that stands. Children of `instead` are
/// values of `pickle`.
std::string write_pickle(const Pickle& pickle, PickleId changed, const PickleNode& instead);

/// Every pickle that is `pickle` with one value replaced by one of another kind or by an extreme, or with a part of one
/// value missing.
void for_each_damage(const Pickle& pickle, const std::function<void(const std::string&)>& use);

}  // namespace dinghy::converter::test
