// What a TensorFlow checkpoint holds for training alone: slots of optimizers, counters, moving averages, metrics.
#pragma once

#include <set>
#include <string>

namespace dinghy::converter {

/// The variable whose moving average `key` is, "" when it is none.
std::string averaged_variable(const std::string& key, const std::set<std::string>& keys);

/// Why `key` is no part of a network, "" when it may be one. A slot lies under its variable ("f1/kernel/Adam"), so that
/// `keys`, all those of the checkpoint, tell it whatever the optimizer is called.
std::string training_state_reason(const std::string& key, const std::set<std::string>& keys);

/// "item_emb/part_0/Adam" -> "item_emb/Adam": names without the numbers of partitions, as `keys` above has them.
std::string without_part(const std::string& key);

}  // namespace dinghy::converter
