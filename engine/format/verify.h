// The checks that make a model file safe to score blindly.
//
// After verify() every index, width, offset and enum that scoring uses is in range, every sum of sizes fits, and every
// dense number is finite. Two things are left to scoring, which checks them where they occur: ids, and the contents of
// tables and vocabularies, whose pages opening does not touch.
#pragma once

#include "dinghy/status.h"
#include "engine/format/file.h"

namespace dinghy::format {

/// Bounds that keep every product of two sizes inside 64 bits and every size_t inside 32. Real models are far below.
inline constexpr std::uint32_t kMaxWidth = 1u << 16;    // of a vector, a layer, a history
inline constexpr std::uint32_t kMaxInput = 1u << 18;    // of the tower's concatenation, of all features together
inline constexpr std::uint32_t kMaxObjects = 1u << 12;  // tables, features, parts …
inline constexpr std::uint32_t kMaxInterests = 1u << 8;
inline constexpr std::uint32_t kMaxName = 1u << 10;  // bytes of a feature's name

/// Errors: bad_file, unsupported; the message names the field.
Status verify(const File& file) noexcept;

// ---- the parts of verify(), in the order of the schema -------------------------------------------------------------

/// Tensors, tables and vocabularies against their segments.
Status check_tensor(const File& file, const Tensor& tensor, const char* owner) noexcept;
Status check_tables(const File& file) noexcept;
Status check_vocabularies(const File& file) noexcept;

/// A chain of layers from `in` numbers on. `out` gets the width of the last layer. Layers that depend on the position
/// in the history are refused unless `positions` is there; it gets the count of positions, 0 without such layers.
using Layers = flatbuffers::Vector<flatbuffers::Offset<Layer>>;
Status check_layers(const File& file, const Layers* layers, std::uint32_t in, const char* owner, std::uint32_t& out,
                    std::uint32_t* positions = nullptr) noexcept;

Status check_sequences(const File& file) noexcept;
Status check_features(const File& file) noexcept;
Status check_interests(const File& file) noexcept;
Status check_mlps(const File& file) noexcept;
Status check_tower(const File& file) noexcept;
Status check_golden(const File& file) noexcept;

/// Sums over the whole file, which bound time and memory: of the tensors that layers name (before their numbers are
/// read), and of the rows that a request is made of (needs all checks above).
Status check_dense_total(const File& file) noexcept;
Status check_row_total(const File& file) noexcept;

/// Width of q or k: the sum over the fields of an interest. Needs checked features.
std::uint32_t query_width(const File& file, const Interest& interest) noexcept;
std::uint32_t key_width(const File& file, const Interest& interest) noexcept;

/// Number of entries; 0 for an absent vector.
template <class T>
std::uint32_t count(const flatbuffers::Vector<T>* vector) noexcept {
  return vector == nullptr ? 0 : vector->size();
}

}  // namespace dinghy::format
