// Writes a network as a .dinghy file, byte by byte as schema/FORMAT.md describes.
#pragma once

#include <functional>
#include <string>

#include "converter/model_file/metadata.h"
#include "converter/model_file/output_file.h"
#include "converter/model_file/provenance.h"
#include "converter/network.h"

namespace dinghy::converter {

/// The bytes of a file by kind, for the report.
struct WrittenSizes {
  std::uint64_t metadata = 0, dense = 0, tables = 0, vocabularies = 0, golden = 0;
  std::uint64_t file = 0;  // with the padding between the segments
};

/// Is told, now and then while tables are written, how many bytes of how many are there.
using WriteProgress = std::function<void(std::uint64_t written, std::uint64_t total)>;

/// Appends the whole file to `out`, which the caller commits. Tables are streamed, so memory does not grow with them.
/// Throws Error naming table or layer, row and column when a number is not finite, when a table has no rows or more
/// than two dimensions, and when the disk is full.
WrittenSizes write_model(const Network& network, const Provenance& provenance, const GoldenRows& golden,
                         OutputFile& out, const WriteProgress& progress = {});

/// The same as a file of its own at `path`.
void write_model(const Network& network, const Provenance& provenance, const GoldenRows& golden,
                 const std::string& path);

/// The bytes that the file would have. Reads no table.
std::uint64_t model_size(const Network& network, const Provenance& provenance, const GoldenRows& golden);

}  // namespace dinghy::converter
