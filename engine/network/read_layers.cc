#include "engine/network/read_layers.h"

#include <cstdio>

#include "engine/format/bounds.h"
#include "engine/network/read.h"
#include "schema/finite.h"

namespace dinghy::network {
namespace {

using format::ActivationKind;

/// What the kinds of the file are to the kernels, and which vectors they take.
struct Kind {
  kernels::ActivationKind kind;
  bool scale_and_shift = false;
  bool alpha = false;
};

bool kind_of(ActivationKind kind, Kind& is) noexcept {
  using enum kernels::ActivationKind;
  switch (kind) {
    case ActivationKind::identity:
      return is = {identity}, true;
    case ActivationKind::relu:
      return is = {relu}, true;
    case ActivationKind::leaky_relu:
      return is = {leaky_relu}, true;
    case ActivationKind::prelu:
    case ActivationKind::prelu_position:  // of position 0
      return is = {prelu, false, true}, true;
    case ActivationKind::sigmoid:
      return is = {sigmoid}, true;
    case ActivationKind::tanh:
      return is = {tanh}, true;
    case ActivationKind::gate:
      return is = {gate, true, true}, true;
    case ActivationKind::row_gate:
      return is = {row_gate, false, true}, true;
  }
  return false;
}

/// A vector that the kind has no use for: whoever wrote it meant another network.
Status check_unused(const format::Activation& from, const Kind& kind, const char* owner) noexcept {
  if ((!kind.scale_and_shift && (from.scale() != nullptr || from.shift() != nullptr)) ||
      (!kind.alpha && from.alpha() != nullptr)) {
    return Status::error(Code::bad_file, "%s: has a scale, shift or alpha that its activation does not use", owner);
  }
  return Status();
}

Status check_numbers(const format::Activation& from, const char* owner) noexcept {
  if (!format::is_finite(from.slope())) {
    return Status::error(Code::bad_file, "%s slope: is not finite", owner);
  }
  if (from.kind() == ActivationKind::row_gate && (!(from.epsilon() > 0) || !format::is_finite(from.epsilon()))) {
    return Status::error(Code::bad_file, "%s epsilon: is not positive", owner);
  }
  return Status();
}

}  // namespace

Status LayerReader::read_vector(const format::Tensor* tensor, std::uint32_t width, const char* owner, const char* name,
                                const float*& numbers) noexcept {
  char place[144];
  std::snprintf(place, sizeof place, "%s %s", owner, name);
  if (tensor == nullptr) return Status::error(Code::bad_file, "%s: is missing", place);
  if (tensor->rows() != 1 || tensor->cols() != width) {
    return Status::error(Code::bad_file, "%s: %u x %u, it has to be 1 x %u", place, tensor->rows(), tensor->cols(),
                         width);
  }
  format::Matrix vector;
  if (Status status = dense_.read(*tensor, place, vector); !status) return status;
  numbers = vector.numbers();
  return Status();
}

Status LayerReader::read_alphas(const format::Tensor* tensor, std::uint32_t width, const char* owner,
                                Positions* positions, const float*& numbers) noexcept {
  if (positions == nullptr) return Status::error(Code::bad_file, "%s: has no positions for its activation", owner);
  if (tensor == nullptr || tensor->cols() != width || tensor->rows() > format::kMaxWidth) {
    return Status::error(Code::bad_file, "%s alpha: is missing, or has not %u columns", owner, width);
  }
  if (positions->count != 0 && positions->count != tensor->rows()) {
    return Status::error(Code::bad_file, "%s alpha: %u positions, a layer before has %u", owner, tensor->rows(),
                         positions->count);
  }
  format::Matrix alphas;
  if (Status status = dense_.read(*tensor, owner, alphas); !status) return status;
  positions->count = alphas.rows();
  numbers = alphas.numbers();
  return Status();
}

Status LayerReader::read_activation(const format::Activation* from, std::uint32_t width, const char* owner,
                                    Positions* positions, Activation& activation) noexcept {
  if (from == nullptr) return Status();
  Kind kind{};
  if (!kind_of(from->kind(), kind)) return Status::error(Code::bad_file, "%s: unknown activation", owner);
  if (Status status = check_unused(*from, kind, owner); !status) return status;
  if (Status status = check_numbers(*from, owner); !status) return status;
  activation.kind = kind.kind;
  activation.slope = from->slope();
  activation.epsilon = from->epsilon();
  if (kind.scale_and_shift) {
    if (Status s = read_vector(from->scale(), width, owner, "scale", activation.scale); !s) return s;
    if (Status s = read_vector(from->shift(), width, owner, "shift", activation.shift); !s) return s;
  }
  if (from->kind() == ActivationKind::prelu_position) {
    return read_alphas(from->alpha(), width, owner, positions, activation.alpha);
  }
  return kind.alpha ? read_vector(from->alpha(), width, owner, "alpha", activation.alpha) : Status();
}

Status LayerReader::read_product(const format::Layer& from, std::uint32_t in, const char* owner,
                                 Layer& layer) noexcept {
  if (from.weight()->rows() != in) {
    return Status::error(Code::bad_file, "%s weight: %u rows, its input has %u numbers", owner, from.weight()->rows(),
                         in);
  }
  format::Matrix weight;
  if (Status status = dense_.read(*from.weight(), owner, weight); !status) return status;
  layer.weight = weight.numbers();
  layer.in = weight.rows();
  layer.out = weight.cols();
  layer.stride = weight.stride();
  return from.bias() == nullptr ? Status() : read_vector(from.bias(), layer.out, owner, "bias", layer.bias);
}

Status LayerReader::read(const Layers* from, std::uint32_t in, const char* owner, Array<Layer>& layers,
                         Positions* positions) noexcept {
  const std::uint32_t count = format::count(from);
  if (!layers.allocate(count)) return no_memory();
  if (positions != nullptr && !positions->by_layer.allocate(count)) return no_memory();
  for (std::uint32_t i = 0; i < count; ++i) {
    const format::Layer& layer = *from->Get(i);
    char place[128];
    std::snprintf(place, sizeof place, "%s[%u]", owner, i);
    if (Status status = read_product(layer, in, place, layers[i]); !status) return status;
    in = layers[i].out;
    if (Status status = read_activation(layer.activation(), in, place, positions, layers[i].activation); !status) {
      return status;
    }
    if (positions != nullptr && layer.activation() != nullptr) {
      positions->by_layer[i] = layer.activation()->kind() == ActivationKind::prelu_position;
    }
  }
  return Status();
}

std::uint32_t result_width(const Array<Layer>& layers, std::uint32_t in) noexcept {
  return layers.empty() ? in : layers[layers.size() - 1].out;
}

}  // namespace dinghy::network
