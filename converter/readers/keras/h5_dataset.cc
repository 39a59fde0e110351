#include "converter/readers/keras/h5_dataset.h"

#define H5_USE_110_API
#include <hdf5.h>

#include "converter/error.h"
#include "converter/readers/tensor_bounds.h"

namespace dinghy::converter {
namespace {

constexpr std::uint64_t kMaxExpansion = 1000;                 // deflate itself cannot do more than 1032
constexpr std::uint64_t kMaxChunk = std::uint64_t{64} << 20;  // libhdf5 unpacks a chunk in memory, whole

struct NumberType {
  DType dtype;
  H5Handle memory;  // as this machine has it
  bool as_stored;   // whether the file has it so too
};

H5Handle half_type() {
  H5Handle half(H5Tcopy(H5T_IEEE_F32LE), H5Tclose);
  H5Tset_fields(half.id(), 15, 10, 5, 0, 10);
  H5Tset_size(half.id(), 2);
  H5Tset_ebias(half.id(), 15);
  return half;
}

// Keras 3 stores NumPy's two raw bytes, with the dtype in an attribute (keras/src/saving/saving_lib.py, H5Entry).
bool is_bfloat16(hid_t dataset, hid_t type) {
  return H5Tget_class(type) == H5T_OPAQUE && H5Tget_size(type) == 2 && H5Aexists(dataset, "dtype") > 0;
}

NumberType type_of(hid_t dataset, const std::string& where) {
  const H5Handle stored(good(H5Dget_type(dataset), where), H5Tclose);
  if (is_bfloat16(dataset, stored.id())) return {DType::bf16, {H5Tcopy(stored.id()), H5Tclose}, true};
  const H5Handle half = half_type();
  const struct {
    DType dtype;
    hid_t little, big;
  } known_types[] = {{DType::f32, H5T_IEEE_F32LE, H5T_IEEE_F32BE}, {DType::f64, H5T_IEEE_F64LE, H5T_IEEE_F64BE},
                     {DType::f16, half.id(), half.id()},           {DType::i8, H5T_STD_I8LE, H5T_STD_I8BE},
                     {DType::u8, H5T_STD_U8LE, H5T_STD_U8BE},      {DType::i16, H5T_STD_I16LE, H5T_STD_I16BE},
                     {DType::i32, H5T_STD_I32LE, H5T_STD_I32BE},   {DType::i64, H5T_STD_I64LE, H5T_STD_I64BE}};
  for (const auto& known : known_types) {
    const bool little = H5Tequal(stored.id(), known.little) > 0;
    if (!little && H5Tequal(stored.id(), known.big) <= 0) continue;
    return {known.dtype, {H5Tcopy(known.little), H5Tclose}, little};
  }
  throw Error(where, "holds no numbers of 16, 32 or 64 bits, or a kind of them that frameworks do not write");
}

std::vector<std::int64_t> shape_of(hid_t dataset, const std::string& where) {
  const H5Handle space(good(H5Dget_space(dataset), where), H5Sclose);
  const H5S_class_t kind = H5Sget_simple_extent_type(space.id());
  if (kind != H5S_SIMPLE && kind != H5S_SCALAR) throw Error(where, "has no shape; the file is damaged");
  std::vector<hsize_t> extents(H5S_MAX_RANK);
  const std::int64_t rank = good(H5Sget_simple_extent_dims(space.id(), extents.data(), nullptr), where);
  return {extents.begin(), extents.begin() + rank};
}

void check_filters(hid_t properties, const std::string& where) {
  const int count = H5Pget_nfilters(properties);
  for (int i = 0; i < count; ++i) {
    unsigned flags = 0;
    std::size_t values = 0;
    const H5Z_filter_t filter =
        H5Pget_filter2(properties, static_cast<unsigned>(i), &flags, &values, nullptr, 0, nullptr, nullptr);
    if (filter == H5Z_FILTER_DEFLATE || filter == H5Z_FILTER_SHUFFLE || filter == H5Z_FILTER_FLETCHER32) continue;
    throw Error(where, "is packed with filter " + std::to_string(filter) + "; save it uncompressed or with gzip");
  }
}

void check_chunks(hid_t properties, std::size_t rank, std::uint64_t element_size, const std::string& where) {
  std::vector<hsize_t> chunk(rank);
  good(H5Pget_chunk(properties, static_cast<int>(rank), chunk.data()), where);
  std::uint64_t size = element_size;
  for (const hsize_t extent : chunk) {  // from 1 up, which libhdf5 checks
    if (extent > kMaxChunk / size) throw Error(where, "has chunks over 64 MiB; save it unchunked");
    size *= extent;
  }
}

}  // namespace

H5Dataset describe_dataset(const H5Handle& dataset, std::uint64_t file_size, const std::string& where) {
  const NumberType type = type_of(dataset.id(), where);
  H5Dataset described{"", "", type.dtype, shape_of(dataset.id(), where), std::nullopt};
  dense_strides(described.shape, false, where);
  const std::uint64_t element_size = size_of(type.dtype);
  std::uint64_t size = element_size;
  for (const std::int64_t extent : described.shape) {
    if (__builtin_mul_overflow(size, static_cast<std::uint64_t>(extent), &size))
      throw Error(where, "is larger than any file");
  }
  const H5Handle properties(H5Dget_create_plist(dataset.id()), H5Pclose);
  const H5D_layout_t layout = H5Pget_layout(properties.id());
  if (layout == H5D_CONTIGUOUS) {
    if (H5Pget_external_count(properties.id()) != 0)
      throw Error(where, "has its numbers in another file; copy them in");
    const haddr_t offset = H5Dget_offset(dataset.id());
    if (size > 0 && (offset == HADDR_UNDEF || offset > file_size || size > file_size - offset)) {
      throw Error(where, "has numbers outside the file; it is damaged, or was never written to the end");
    }
    if (type.as_stored) described.offset = size > 0 ? offset : 0;
  } else if (layout == H5D_CHUNKED) {
    check_filters(properties.id(), where);
    check_chunks(properties.id(), described.shape.size(), element_size, where);
    const std::uint64_t stored = H5Dget_storage_size(dataset.id());
    if (stored > file_size || size / kMaxExpansion > stored) {
      throw Error(where, "would unpack to more than 1000 times its size; save it uncompressed");
    }
  } else if (layout != H5D_COMPACT) {
    throw Error(where, "is put together from other datasets; save the numbers themselves");
  }
  return described;
}

void read_dataset_rows(const H5Handle& dataset, std::uint64_t first, std::uint64_t count, std::span<std::byte> out,
                       const std::string& where) {
  const NumberType type = type_of(dataset.id(), where);
  const H5Handle space(H5Dget_space(dataset.id()), H5Sclose);
  const hsize_t numbers = out.size() / size_of(type.dtype);
  const H5Handle memory(H5Screate_simple(1, &numbers, nullptr), H5Sclose);
  const std::vector<std::int64_t> shape = shape_of(dataset.id(), where);
  if (!shape.empty()) {
    std::vector<hsize_t> start(shape.size(), 0), extent(shape.begin(), shape.end());
    start[0] = first;
    extent[0] = count;
    H5Sselect_hyperslab(space.id(), H5S_SELECT_SET, start.data(), nullptr, extent.data(), nullptr);
  }
  good(H5Dread(dataset.id(), type.memory.id(), memory.id(), space.id(), H5P_DEFAULT, out.data()), where);
}

}  // namespace dinghy::converter
