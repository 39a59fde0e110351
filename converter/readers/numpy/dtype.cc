#include "converter/readers/numpy/dtype.h"

#include <array>
#include <utility>

#include "converter/error.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

constexpr std::array<std::pair<std::string_view, DType>, 9> kTypes{{
    {"f2", DType::f16},
    {"f4", DType::f32},
    {"f8", DType::f64},
    {"i1", DType::i8},
    {"i2", DType::i16},
    {"i4", DType::i32},
    {"i8", DType::i64},
    {"u1", DType::u8},
    {"b1", DType::boolean},
}};

}  // namespace

DType read_numpy_dtype(std::string_view descr, const std::string& where) {
  const char order = descr.empty() ? '\0' : descr.front();
  const std::string_view kind = descr.substr(descr.empty() ? 0 : 1);
  for (const auto& [name, dtype] : kTypes) {
    if (name != kind) continue;
    if (order == '<' || (order == '|' && size_of(dtype) == 1)) return dtype;
    if (order == '>') throw Error(where, "is big-endian; save it with .astype('<" + std::string(kind) + "')");
  }
  if (kind.starts_with("O")) {
    throw Error(where, "holds Python objects, which are never loaded; save numeric arrays only");
  }
  throw Error(where, "has the dtype " + in_quotes(descr) + "; save floats, signed integers, uint8 or bool");
}

}  // namespace dinghy::converter
