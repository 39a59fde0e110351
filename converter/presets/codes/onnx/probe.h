// Finds out what an expression computes by computing it: exporters write one function in many ways.
#pragma once

#include <map>
#include <optional>

#include "converter/presets/codes/onnx/expression.h"
#include "converter/presets/layers.h"

namespace dinghy::converter {

using Bindings = std::map<const Expression*, Vector>;

/// The numbers of an expression at one place of the history, where the bound expressions have these numbers; nullopt
/// when it depends on others.
std::optional<Vector> numbers_of(const Expression* of, const Bindings& bindings, std::size_t place = 0);

/// What an expression is computed from by elementwise operations: layers, rows of tables, … `through_sums`: sums over
/// channels count as elementwise, as in normalisations of a row.
std::vector<const Expression*> sources_of(const Expression* of, bool through_sums);

/// All expressions on the way from `of` down to `source`, both included, the nearest to `source` first.
std::vector<const Expression*> between(const Expression* of, const Expression* source);

/// x * scale + shift per channel, when that is what `of` is of `source`.
std::optional<Affine> affine_of(const Expression* of, const Expression* source);

/// The activation that `of` is of `source`; nullopt when it is none that is known.
std::optional<Activation> activation_of(const Expression* of, const Expression* source);

/// Equal but for rounding.
bool near(double a, double b);

}  // namespace dinghy::converter
