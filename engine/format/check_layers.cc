// Layers: shapes that fit each other, activations with the vectors that they need.
#include "engine/format/verify.h"

#include <cmath>
#include <cstdio>

namespace dinghy::format {
namespace {

Status check_vector(const File& file, const Tensor* tensor, std::uint32_t width, const char* owner,
                    const char* name) noexcept {
  char place[128];
  std::snprintf(place, sizeof place, "%s %s", owner, name);
  if (tensor == nullptr) return Status::error(Code::bad_file, "%s: is missing", place);
  if (tensor->rows() != 1 || tensor->cols() != width) {
    return Status::error(Code::bad_file, "%s: %u x %u, the layer needs 1 x %u", place, tensor->rows(), tensor->cols(),
                         width);
  }
  return check_tensor(file, *tensor, place);
}

/// PReLU by position: one row of alphas for each, as many in all layers of a chain.
Status check_positions(const File& file, const Tensor* alpha, std::uint32_t width, const char* owner,
                       std::uint32_t* positions) noexcept {
  if (positions == nullptr) return Status::error(Code::bad_file, "%s: has no positions for its activation", owner);
  if (alpha == nullptr || alpha->cols() != width || alpha->rows() > kMaxWidth) {
    return Status::error(Code::bad_file, "%s alpha: is missing, or has not %u columns", owner, width);
  }
  if (*positions != 0 && *positions != alpha->rows()) {
    return Status::error(Code::bad_file, "%s alpha: %u positions, a layer before has %u", owner, alpha->rows(),
                         *positions);
  }
  *positions = alpha->rows();
  return check_tensor(file, *alpha, owner);
}

Status check_activation(const File& file, const Activation* a, std::uint32_t width, const char* owner,
                        std::uint32_t* positions) noexcept {
  if (a == nullptr) return Status();
  switch (a->kind()) {
    case ActivationKind::identity:
    case ActivationKind::relu:
    case ActivationKind::sigmoid:
    case ActivationKind::tanh:
      return Status();
    case ActivationKind::leaky_relu:
      if (std::isfinite(a->slope())) return Status();
      return Status::error(Code::bad_file, "%s slope: is not finite", owner);
    case ActivationKind::prelu:
      return check_vector(file, a->alpha(), width, owner, "alpha");
    case ActivationKind::gate:
      if (Status s = check_vector(file, a->scale(), width, owner, "scale"); !s) return s;
      if (Status s = check_vector(file, a->shift(), width, owner, "shift"); !s) return s;
      return check_vector(file, a->alpha(), width, owner, "alpha");
    case ActivationKind::row_gate:
      if (!(a->epsilon() > 0) || !std::isfinite(a->epsilon())) {
        return Status::error(Code::bad_file, "%s epsilon: is not positive", owner);
      }
      return check_vector(file, a->alpha(), width, owner, "alpha");
    case ActivationKind::prelu_position:
      return check_positions(file, a->alpha(), width, owner, positions);
  }
  return Status::error(Code::bad_file, "%s: unknown activation", owner);
}

}  // namespace

Status check_layers(const File& file, const Layers* layers, std::uint32_t in, const char* owner, std::uint32_t& out,
                    std::uint32_t* positions) noexcept {
  if (positions != nullptr) *positions = 0;
  out = in;
  for (std::uint32_t i = 0; i < count(layers); ++i) {
    const Layer& layer = *layers->Get(i);
    char place[112];
    std::snprintf(place, sizeof place, "%s[%u]", owner, i);
    const Tensor& weight = *layer.weight();
    if (weight.rows() != out) {
      return Status::error(Code::bad_file, "%s weight: %u rows, its input has %u numbers", place, weight.rows(), out);
    }
    if (Status status = check_tensor(file, weight, place); !status) return status;
    out = weight.cols();
    if (layer.bias() != nullptr) {
      if (Status status = check_vector(file, layer.bias(), out, place, "bias"); !status) return status;
    }
    if (Status status = check_activation(file, layer.activation(), out, place, positions); !status) return status;
  }
  return Status();
}

}  // namespace dinghy::format
