#include "converter/readers/torch/storage_id.h"

#include <algorithm>
#include <array>

#include "converter/error.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

struct TypeName {
  std::string_view storage;  // torch.FloatStorage
  std::string_view dtype;    // torch.float32
  DType type;
};

constexpr std::array<TypeName, 10> kTypes{{
    {"FloatStorage", "float32", DType::f32},
    {"DoubleStorage", "float64", DType::f64},
    {"HalfStorage", "float16", DType::f16},
    {"BFloat16Storage", "bfloat16", DType::bf16},
    {"LongStorage", "int64", DType::i64},
    {"IntStorage", "int32", DType::i32},
    {"ShortStorage", "int16", DType::i16},
    {"CharStorage", "int8", DType::i8},
    {"ByteStorage", "uint8", DType::u8},
    {"BoolStorage", "bool", DType::boolean},
}};

DType type_named(const Pickle& pickle, const PickleNode& global, std::string_view TypeName::* column,
                 const std::string& where) {
  for (const TypeName& type : kTypes) {
    if (global.kind == PickleKind::global && global.text == type.*column) return type.type;
  }
  throw Error(where, "has the type " + in_quotes(pickle.name_of(global)) + ", which is not supported");
}

}  // namespace

DType read_torch_dtype(const Pickle& pickle, const PickleNode& global, const std::string& where) {
  return type_named(pickle, global, &TypeName::dtype, where);
}

TorchStorageId read_torch_storage_id(const Pickle& pickle, const PickleNode& node, const std::string& where) {
  const PickleNode* id = node.kind == PickleKind::persistent ? &pickle[node.items[0]] : nullptr;
  const auto part = [&](std::size_t i) -> const PickleNode& { return pickle[id->items[i]]; };
  if (!id || id->kind != PickleKind::tuple || id->items.size() < 5 || part(0).kind != PickleKind::text ||
      part(0).text != "storage" || part(2).kind != PickleKind::text) {
    throw Error(where, "has no storage");
  }
  if (id->items.size() > 5 && part(5).kind != PickleKind::none) {
    throw Error(where, "is a view of another storage; save a clone of it");
  }
  TorchStorageId result;
  result.untyped = part(1).kind == PickleKind::global && part(1).text == "UntypedStorage";
  result.type = result.untyped ? DType::u8 : type_named(pickle, part(1), &TypeName::storage, where);
  result.key = part(2).text;
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (result.key.empty() || result.key.size() > 20 || !std::ranges::all_of(result.key, digit)) {
    throw Error(where, "has a storage whose key is no number");
  }
  constexpr std::int64_t kMaxNumel = std::int64_t{1} << 59;  // so that bytes() does not overflow
  if (part(4).kind != PickleKind::integer || part(4).integer < 0 || part(4).integer > kMaxNumel) {
    throw Error(where, "has a storage of an impossible size");
  }
  result.numel = static_cast<std::uint64_t>(part(4).integer);
  return result;
}

}  // namespace dinghy::converter
