#include "converter/readers/onnx/tensor.h"

#include <bit>
#include <cstring>

#include "converter/error.h"
#include "converter/readers/storage.h"
#include "converter/readers/tensor_bounds.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

struct Fields {
  std::string name;
  std::vector<std::int64_t> dims;
  std::uint64_t dtype = 0;
  std::optional<ByteRange> raw;
  std::vector<std::int64_t> ints;
  std::vector<double> floats;
  bool external = false;
  std::map<std::string, std::string> external_entries;
};

void read_entry(ProtobufMessage message, std::map<std::string, std::string>& entries) {
  std::string key, value;
  while (message.next()) {
    if (message.field() == 1) key = message.text();
    if (message.field() == 2) value = message.text();
  }
  entries[key] = value;
}

Fields read_fields(ProtobufMessage message) {
  Fields fields;
  while (message.next()) {
    switch (message.field()) {
      case 1:
        message.append_varints(fields.dims);
        break;
      case 2:
        fields.dtype = message.varint();
        break;
      case 3:
        message.fail("holds a tensor in segments, which no exporter writes");
      case 4:
        message.append_floats(fields.floats);
        break;
      case 5:
      case 7:
      case 11:
        message.append_varints(fields.ints);
        break;
      case 8:
        fields.name = message.text();
        break;
      case 9:
        fields.raw = message.bytes();
        break;
      case 10:
        message.append_doubles(fields.floats);
        break;
      case 13:
        read_entry(message.message(), fields.external_entries);
        break;
      case 14:
        fields.external = message.varint() == 1;
        break;
      default:
        break;
    }
  }
  return fields;
}

template <class Number>
void append(std::vector<std::byte>& bytes, Number number) {
  const std::size_t end = bytes.size();
  bytes.resize(end + sizeof(number));
  std::memcpy(bytes.data() + end, &number, sizeof(number));
}

// int32_data also carries the bits of the 16-bit and 8-bit types; a little-endian number cut short is its low part.
void append_int(std::vector<std::byte>& bytes, std::int64_t number, DType dtype) {
  const std::size_t end = bytes.size();
  bytes.resize(end + size_of(dtype));
  std::memcpy(bytes.data() + end, &number, size_of(dtype));
}

std::shared_ptr<const Storage> listed_numbers(const Fields& fields, DType dtype) {
  std::vector<std::byte> bytes;
  for (const double number : fields.floats) {
    if (dtype == DType::f64) append(bytes, number);
    if (dtype == DType::f32) append(bytes, static_cast<float>(number));
  }
  const bool integer = dtype != DType::f32 && dtype != DType::f64;
  for (const std::int64_t number : fields.ints) {
    if (integer) append_int(bytes, number, dtype);
  }
  return std::make_shared<BufferStorage>(std::move(bytes));
}

}  // namespace

std::optional<DType> onnx_dtype(std::uint64_t number) {
  switch (number) {
    case 1:
      return DType::f32;
    case 2:
      return DType::u8;
    case 3:
      return DType::i8;
    case 5:
      return DType::i16;
    case 6:
      return DType::i32;
    case 7:
      return DType::i64;
    case 9:
      return DType::boolean;
    case 10:
      return DType::f16;
    case 11:
      return DType::f64;
    case 16:
      return DType::bf16;
    default:
      return std::nullopt;
  }
}

Tensor read_onnx_tensor(ProtobufMessage message, const std::shared_ptr<const Storage>& file, ExternalData& external,
                        const std::string& where) {
  static_assert(std::endian::native == std::endian::little);
  const Fields fields = read_fields(std::move(message));
  Tensor tensor;
  tensor.name = fields.name;
  const std::string place = where + ": tensor " + in_quotes(fields.name);
  const std::optional<DType> dtype = onnx_dtype(fields.dtype);
  if (!dtype) throw Error(place, "has the element type " + std::to_string(fields.dtype) + ", which is not read here");
  tensor.dtype = *dtype;
  tensor.shape = fields.dims;
  tensor.strides = dense_strides(tensor.shape, false, place);
  if (fields.external) {
    tensor.storage = external.storage(fields.external_entries, place);
  } else if (fields.raw) {
    tensor.storage = std::make_shared<SliceStorage>(file, fields.raw->offset, fields.raw->size);
  } else {
    tensor.storage = listed_numbers(fields, *dtype);
  }
  check_bounds(tensor, where);
  return tensor;
}

}  // namespace dinghy::converter
