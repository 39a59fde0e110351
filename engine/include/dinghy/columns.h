// How callers pass rows: by columns, one per feature of the model.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

struct dinghy_string;

namespace dinghy {

/// The values of one feature for some rows (candidates, behaviours, or the one row of a user). Points to the caller's
/// memory, which is read during the call only, and lies where its type may lie: at multiples of alignof(int64_t) for
/// ids and so on; elsewhere is invalid_argument.
class Column {
 public:
  /// One id a row, as the application has them.
  static Column ids(std::uint32_t feature, std::span<const std::int64_t> ids) noexcept {
    return Column(feature, Kind::ids, ids.data(), ids.size(), {});
  }
  /// One id a row, out of a matrix of ids with a row for each candidate or behaviour: *first is that of row 0, and from
  /// one row to the next there are `stride` ids. Nothing is copied: the values of a column may lie anywhere in a table.
  static Column ids(std::uint32_t feature, const std::int64_t* first, std::size_t rows, std::size_t stride) noexcept {
    Column column(feature, Kind::ids, first, rows, {});
    column.stride_ = stride;
    return column;
  }
  /// One string a row, for tables with a vocabulary of strings.
  static Column strings(std::uint32_t feature, std::span<const std::string_view> strings) noexcept {
    return Column(feature, Kind::strings, strings.data(), strings.size(), {});
  }
  /// Dense features: rows x Feature::dense_width finite numbers, row by row.
  static Column numbers(std::uint32_t feature, std::span<const float> numbers) noexcept {
    return Column(feature, Kind::numbers, numbers.data(), numbers.size(), {});
  }
  /// Bags: row r holds ids[offsets[r]] … ids[offsets[r + 1] - 1]; offsets has one entry more than there are rows.
  static Column bags(std::uint32_t feature, std::span<const std::int64_t> ids,
                     std::span<const std::uint32_t> offsets) noexcept {
    return Column(feature, Kind::ids, ids.data(), ids.size(), offsets);
  }
  static Column string_bags(std::uint32_t feature, std::span<const std::string_view> strings,
                            std::span<const std::uint32_t> offsets) noexcept {
    return Column(feature, Kind::strings, strings.data(), strings.size(), offsets);
  }
  /// Strings or, with offsets, bags of strings as the C API (dinghy.h) has them.
  static Column strings(std::uint32_t feature, const dinghy_string* strings, std::size_t size,
                        std::span<const std::uint32_t> offsets) noexcept {
    Column column(feature, Kind::strings, strings, size, offsets);
    column.c_strings_ = true;
    return column;
  }

  /// The same ids, strings or bags of them with rows that came for them, for a feature whose table is remote
  /// (Feature::remote_version): value i has row which[i] of `block`, which Table::rows() wrote for these ids or which
  /// is made as FORMAT.md says, at any address. Where which[i] is kNoRow its id finds a row in the model file, or is
  /// missing. Several values may have one row.
  Column with_rows(std::span<const std::byte> block, std::span<const std::uint32_t> which) const noexcept {
    Column column = *this;
    column.block_ = block;
    column.which_ = which;
    column.has_rows_ = true;
    return column;
  }
  /// Rows without ids: value i has row which[i] of `block`; kNoRow is a missing id.
  static Column rows(std::uint32_t feature, std::span<const std::byte> block,
                     std::span<const std::uint32_t> which) noexcept {
    return Column(feature, Kind::rows, nullptr, which.size(), {}).with_rows(block, which);
  }
  /// Bags of rows without ids: bag r holds the values offsets[r] … offsets[r + 1] - 1.
  static Column row_bags(std::uint32_t feature, std::span<const std::byte> block, std::span<const std::uint32_t> which,
                         std::span<const std::uint32_t> offsets) noexcept {
    return Column(feature, Kind::rows, nullptr, which.size(), offsets).with_rows(block, which);
  }
  static constexpr std::uint32_t kNoRow = 0xffffffff;

  enum class Kind : std::uint8_t { ids, strings, numbers, rows };

  std::uint32_t feature() const noexcept { return feature_; }
  Kind kind() const noexcept { return kind_; }
  bool is_bag() const noexcept { return !offsets_.empty(); }
  /// Values.
  std::size_t size() const noexcept { return size_; }
  /// From one value to the next, in values; 1 for all but ids() out of a matrix.
  std::size_t stride() const noexcept { return stride_; }
  std::span<const std::uint32_t> offsets() const noexcept { return offsets_; }
  /// Whether rows came with the values.
  bool has_rows() const noexcept { return has_rows_; }
  std::span<const std::byte> block() const noexcept { return block_; }
  std::span<const std::uint32_t> which() const noexcept { return which_; }
  /// Valid for the kind that the column has.
  std::int64_t id(std::size_t index) const noexcept { return ids()[index * stride_]; }
  const std::int64_t* ids() const noexcept { return static_cast<const std::int64_t*>(data_); }
  std::string_view string(std::size_t index) const noexcept;
  const float* numbers() const noexcept { return static_cast<const float*>(data_); }

 private:
  Column(std::uint32_t feature, Kind kind, const void* data, std::size_t size,
         std::span<const std::uint32_t> offsets) noexcept
      : data_(data), size_(size), offsets_(offsets), feature_(feature), kind_(kind) {}

  const void* data_;
  std::size_t size_;
  std::size_t stride_ = 1;
  std::span<const std::uint32_t> offsets_;
  std::span<const std::byte> block_;
  std::span<const std::uint32_t> which_;
  std::uint32_t feature_;
  Kind kind_;
  bool c_strings_ = false;
  bool has_rows_ = false;
};

/// Columns in any order, each feature at most once.
using Columns = std::span<const Column>;

}  // namespace dinghy
