// Any text as lines of requests, for a model with features of every kind and role.
#include "converter/error.h"
#include "converter/requests/requests.h"

namespace dinghy::fuzz {
namespace {

converter::RequestShape every_kind() {
  converter::RequestShape shape;
  shape.features = {
      {.name = "u", .role = Role::user},
      {.name = "tags", .role = Role::user, .kind = FeatureKind::bag},
      {.name = "hour", .role = Role::context, .kind = FeatureKind::dense, .dense_width = 1},
      {.name = "i", .role = Role::candidate, .in_history = true, .sequence = 0},
      {.name = "s", .role = Role::candidate, .in_history = true, .string_ids = true, .sequence = 0},
      {.name = "d", .in_history = true, .kind = FeatureKind::dense, .dense_width = 2, .sequence = 0},
      {.name = "q", .role = Role::history, .in_history = true, .kind = FeatureKind::bag, .sequence = 1},
  };
  shape.sequences = {{.name = "clicks"}, {.name = "searches"}};
  shape.interest_sequences = {0, 1};
  return shape;
}

}  // namespace
}  // namespace dinghy::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dinghy::converter;
  static const RequestShape shape = dinghy::fuzz::every_kind();
  try {
    RequestReader reader(shape, std::string(reinterpret_cast<const char*>(data), size), "requests.jsonl");
    for (Request request; reader.next(request);) {
      for (const auto* columns : {&request.features, &request.history, &request.candidates}) {
        for (const RequestColumn& column : *columns) (void)column.column();
      }
    }
  } catch (const Error&) {
  }
  return 0;
}
