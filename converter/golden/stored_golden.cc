#include "converter/golden/stored_golden.h"

#include "converter/error.h"
#include "model_generated.h"

namespace dinghy::converter {

GoldenRows stored_golden(const Model& model, const std::string& path) {
  const format::Model* metadata = format::GetModel(model.metadata().data());
  const format::Golden* golden = metadata->golden();
  if (!golden) {
    throw Error(path,
                "has no golden rows; convert the checkpoint again with --check GOLDEN.jsonl, request lines with "
                "the \"scores\" of the original framework");
  }
  const format::Segment* segment = metadata->segments()->Get(golden->segment());
  const auto bytes = model.file().subspan(segment->offset(), segment->size());
  const double tolerance = golden->tolerance(), of_attention = golden->attention_tolerance();
  return {.lines = std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()),
          .count = golden->rows(),
          .tolerance = {tolerance, of_attention > 0 ? of_attention : tolerance}};
}

}  // namespace dinghy::converter
