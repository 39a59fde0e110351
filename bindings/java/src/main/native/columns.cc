#include "columns.h"

#include "errors.h"

namespace dinghy::jni {
namespace {

// The layout of Columns.java: a descriptor for each column, and behind them room for a dinghy_column each; offsets
// count bytes from the first descriptor.
struct Descriptor {
  std::int64_t feature, kind, values, size, offsets, offset_count;  // offsets: 0 without bags
};
static_assert(sizeof(Descriptor) == 48 && sizeof(dinghy_column) <= 40);

// A string: where it is and its size, for all strings; behind them room for a dinghy_string each.
struct StringEntry {
  std::int64_t text, size;
};
static_assert(sizeof(StringEntry) == 16 && sizeof(dinghy_string) <= 16);

const dinghy_string* strings_at(char* memory, const Descriptor& d) noexcept {
  const auto* const entries = reinterpret_cast<const StringEntry*>(memory + d.values);
  char* const room = memory + d.values + d.size * static_cast<std::int64_t>(sizeof(StringEntry));
  auto* const strings = reinterpret_cast<dinghy_string*>(room);
  for (std::int64_t i = 0; i < d.size; ++i) {
    strings[i] = {memory + entries[i].text, static_cast<std::size_t>(entries[i].size)};
  }
  return strings;
}

}  // namespace

const dinghy_column* columns_at(jlong address, jint count) noexcept {
  char* const memory = handle<char>(address);
  const auto* const descriptors = reinterpret_cast<const Descriptor*>(memory);
  auto* const columns = reinterpret_cast<dinghy_column*>(memory + count * sizeof(Descriptor));
  for (jint i = 0; i < count; ++i) {
    const Descriptor& d = descriptors[i];
    columns[i] = {
        .feature = static_cast<std::uint32_t>(d.feature),
        .kind = static_cast<std::int32_t>(d.kind),
        .values = d.kind == DINGHY_COLUMN_STRINGS ? strings_at(memory, d) : static_cast<const void*>(memory + d.values),
        .size = static_cast<std::size_t>(d.size),
        .offsets = d.offsets == 0 ? nullptr : reinterpret_cast<const std::uint32_t*>(memory + d.offsets),
        .offset_count = static_cast<std::size_t>(d.offset_count)};
  }
  return columns;
}

}  // namespace dinghy::jni
