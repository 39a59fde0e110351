// The specification of a layer: scalar, double, one line per formula. Never optimised.
#pragma once

#include <cstddef>

#include "engine/kernels/kernel_table.h"

namespace dinghy::reference {

using kernels::Activation;
using kernels::ActivationKind;
using kernels::Layer;

/// 1 / (1 + exp(-x)), accurate also where it is tiny.
double sigmoid(double x) noexcept;

/// In place on the `width` outputs of a layer (schema/model.fbs, Activation).
void activate(const Activation& activation, double* y, std::size_t width) noexcept;

/// y = x * weight + bias, without the activation.
void affine(const Layer& layer, const double* x, double* y) noexcept;

/// A chain of layers from x to y. `spare` and y each have room for the widest output.
void run(const Layer* layers, std::size_t count, const double* x, double* y, double* spare) noexcept;

}  // namespace dinghy::reference
