// Tables that a device's model has elsewhere: which ones, and what of them stays on the device.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "converter/model_file/golden_rows.h"
#include "converter/network.h"
#include "dinghy/model.h"

namespace dinghy::converter {

/// What a person says of remote tables.
struct RemoteOptions {
  std::vector<std::string> features;  // whose tables are remote
  std::vector<std::string> local;     // "item=TOP.txt": ids, one a line, whose rows stay on the device
};

/// What became of one table.
struct RemoteTable {
  std::string name;
  std::vector<std::string> features;  // all that take their rows from it
  std::uint64_t rows = 0;
  std::uint64_t local_rows = 0;
  std::uint64_t version = 0;
};

/// A device's network, and what to say of it.
struct DeviceNetwork {
  Network network;
  std::vector<RemoteTable> tables;
  std::vector<std::string> lists;  // of RemoteOptions::local, what to say where ids have no row

  /// A line for each table.
  std::vector<std::string> notes() const;
};

/// The network of a device whose other rows are those of `whole`, the model that was written of `network`. On the
/// device stay the rows of the golden rows' ids and of the ids that `options` names, those of padding and of missing
/// ids; all are found by a vocabulary, whatever way ids took before. Throws Error for a name that is no feature with a
/// table, for a table that is a bias, and for a list with something that is no id.
DeviceNetwork device_network(const Network& network, const Model& whole, const RemoteOptions& options,
                             const GoldenRows& golden);

}  // namespace dinghy::converter
