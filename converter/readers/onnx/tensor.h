// A tensor as ONNX stores it (TensorProto).
#pragma once

#include <optional>

#include "converter/readers/onnx/external_data.h"
#include "converter/readers/protobuf/message.h"

namespace dinghy::converter {

/// Numbers given as raw bytes stay in the file. Throws Error at `where` for an element type that is none of DType's,
/// and for a tensor that its bytes do not fill.
Tensor read_onnx_tensor(ProtobufMessage message, const std::shared_ptr<const Storage>& file, ExternalData& external,
                        const std::string& where);

/// nullopt for text, complex numbers and other types that no network of ours has.
std::optional<DType> onnx_dtype(std::uint64_t number);

}  // namespace dinghy::converter
