// The rows of a model's tables, for those who send them to devices whose model has them elsewhere (docs/split.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "dinghy/columns.h"
#include "dinghy/model.h"
#include "dinghy/status.h"

namespace dinghy {

/// A table of a model that holds all its rows. Owns a handle of the model, nothing else; any number of threads may use
/// one at once.
class EmbeddingTable {
 public:
  /// Which of a feature's tables: that of its values as user, context or candidate, or that of those in the history.
  /// They are one where training shared them.
  enum class Side : std::uint8_t { request, history };

  /// Errors: invalid_argument for a feature that does not exist or has no such table; unsupported where the table is
  /// remote itself, and where an older converter wrote no hash of it, which its version is made of.
  static Result<EmbeddingTable> of(const Model& model, std::uint32_t feature, Side side = Side::request) noexcept;

  /// What a device's model compares: 64 bits that follow from the table's bytes and how they are encoded. Files with
  /// the same rows have the same version, whatever their networks are.
  std::uint64_t version() const noexcept { return version_; }
  std::uint64_t rows() const noexcept;
  /// Numbers of a row.
  std::uint32_t width() const noexcept;
  /// "f32", "f16", "i8" (bytes, scale and bias as f32), "i8h" (as f16) or "i4".
  const char* encoding() const noexcept;
  /// Bytes of a row as it travels.
  std::size_t row_bytes() const noexcept;

  /// The bytes of a row in the mapped file, valid as long as the model. Empty for a number that is not below rows().
  std::span<const std::byte> row(std::uint64_t number) const noexcept;
  /// The row of value `index` of a column of ids or strings: its own, or the one that the table's policy gives an id
  /// without one. None where that is the zero vector or an error, and for a column of another kind than the table's.
  std::optional<std::uint64_t> find(const Column& keys, std::size_t index) const noexcept;

  /// Bytes of a block of at most `count` rows.
  std::size_t block_size(std::size_t count) const noexcept;
  /// Writes the block that Column::with_rows() takes for these values: their rows one behind the other, as they are
  /// encoded. `which` has room for one number a value: its row in the block, or Column::kNoRow where find() has none,
  /// which the device treats as its model says. Equal ids get a row each: ask for each once, and let `which` name it
  /// twice. Returns the bytes written. Does not allocate. Errors: invalid_argument for a column of another kind than
  /// the table's, and for too little room.
  Result<std::size_t> write(const Column& keys, std::span<std::byte> block,
                            std::span<std::uint32_t> which) const noexcept;

 private:
  EmbeddingTable(const Model& model, std::uint32_t table, std::uint64_t version) noexcept
      : model_(model), version_(version), table_(table) {}

  Model model_;
  std::uint64_t version_;
  std::uint32_t table_;  // in the metadata
};

}  // namespace dinghy
