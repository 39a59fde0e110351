#include "converter/readers/reparametrization.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <string_view>

#include "converter/error.h"
#include "converter/readers/storage.h"
#include "converter/readers/tensor_bounds.h"
#include "converter/readers/tensor_words.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

constexpr std::string_view kParametrizations = "parametrizations.";

/// The number in `small` for each number of `whole`, row-major; an extent of 1 in `small` stands for all of `whole`.
std::vector<std::size_t> places_in(const Tensor& small, const Tensor& whole) {
  std::vector<std::size_t> places{0};
  for (std::size_t d = 0; d < whole.shape.size(); ++d) {
    const auto extent = static_cast<std::size_t>(whole.shape[d]);
    const std::size_t own = small.shape.empty() ? 1 : static_cast<std::size_t>(small.shape[d]);
    std::vector<std::size_t> next;
    next.reserve(places.size() * extent);
    for (const std::size_t place : places) {
      for (std::size_t i = 0; i < extent; ++i) next.push_back(place * own + (own == 1 ? 0 : i));
    }
    places = std::move(next);
  }
  return places;
}

Tensor tensor_of(std::string name, std::vector<std::int64_t> shape, const std::vector<double>& values,
                 const std::string& where) {
  const auto bytes = std::as_bytes(std::span(values));
  Tensor tensor{std::move(name), DType::f64, std::move(shape), {}, 0, nullptr};
  tensor.strides = dense_strides(tensor.shape, false, where);
  tensor.storage = std::make_shared<BufferStorage>(std::vector<std::byte>(bytes.begin(), bytes.end()));
  return tensor;
}

std::vector<double> weight_norm(const Tensor& length, const Tensor& direction) {
  const std::vector<double> lengths = length.values();
  const std::vector<std::size_t> places = places_in(length, direction);
  std::vector<double> values = direction.values(), squares(lengths.size());
  for (std::size_t i = 0; i < values.size(); ++i) squares[places[i]] += values[i] * values[i];
  for (std::size_t i = 0; i < values.size(); ++i) values[i] *= lengths[places[i]] / std::sqrt(squares[places[i]]);
  return values;
}

std::vector<double> masked(const Tensor& mask, const Tensor& whole) {
  std::vector<double> values = whole.values();
  const std::vector<double> factors = mask.values();
  for (std::size_t i = 0; i < values.size(); ++i) values[i] *= factors[i];
  return values;
}

// One length for each slice of one dimension, or for all: what tells weight norm from two tensors with such names.
bool are_lengths(const Tensor& length, const Tensor& direction) {
  if (direction.shape.size() < 2 || direction.numel() == 0) return false;
  if (length.shape.empty()) return true;
  int own = 0;
  for (std::size_t d = 0; d < length.shape.size() && length.shape.size() == direction.shape.size(); ++d) {
    if (length.shape[d] == 1) continue;
    if (length.shape[d] != direction.shape[d]) return false;
    ++own;
  }
  return length.shape.size() == direction.shape.size() && own <= 1;
}

bool have_one_shape(const Tensor& mask, const Tensor& whole) { return mask.shape == whole.shape; }

struct Form {
  const char* what;
  std::string_view factor, whole;  // the ends of their names
  bool (*fits)(const Tensor& factor, const Tensor& whole);
  std::vector<double> (*values)(const Tensor& factor, const Tensor& whole);
};

constexpr std::array<Form, 3> kForms{{{"weight norm", "_g", "_v", are_lengths, weight_norm},
                                      {"weight norm", ".original0", ".original1", are_lengths, weight_norm},
                                      {"pruning", "_mask", "_orig", have_one_shape, masked}}};

/// "dnn.parametrizations.weight" -> "dnn.weight"
std::string without_parametrizations(std::string name) {
  const std::size_t at = name.find(kParametrizations);
  if (at != std::string::npos && (at == 0 || name[at - 1] == '.')) name.erase(at, kParametrizations.size());
  return name;
}

// The weight stands where the larger of the two stood.
std::size_t fold(std::vector<Tensor>& tensors, const Form& form, const std::string& where) {
  std::map<std::string, const Tensor*> by_name;
  for (const Tensor& tensor : tensors) by_name.emplace(tensor.name, &tensor);
  const auto find = [&](const std::string& name) -> const Tensor* {
    const auto found = by_name.find(name);
    return found == by_name.end() ? nullptr : found->second;
  };
  std::set<std::string> used;
  for (Tensor& whole : tensors) {
    if (!whole.name.ends_with(form.whole)) continue;
    const std::string base = whole.name.substr(0, whole.name.size() - form.whole.size());
    const Tensor* factor = find(base + std::string(form.factor));
    const std::string name = without_parametrizations(base);
    if (!factor || find(name) || !form.fits(*factor, whole)) continue;
    used.insert(factor->name);
    whole = tensor_of(name, whole.shape, form.values(*factor, whole), where + ": tensor " + in_quotes(name));
  }
  std::erase_if(tensors, [&](const Tensor& tensor) { return used.contains(tensor.name); });
  return used.size();
}

}  // namespace

std::vector<std::string> fold_reparametrized(std::vector<Tensor>& tensors, const std::string& where) {
  std::map<std::string, std::size_t> folded;
  for (const Form& form : kForms) {
    if (const std::size_t count = fold(tensors, form, where)) folded[form.what] += count;
  }
  const auto is_left = [&](const Tensor& tensor) {  // spectral norm and what a model's owner wrote
    if (!tensor.name.ends_with("_orig")) return without_parametrizations(tensor.name) != tensor.name;
    const std::string vector = tensor.name.substr(0, tensor.name.size() - 5) + "_u";
    return std::ranges::count(tensors, vector, &Tensor::name) > 0;
  };
  for (const Tensor& tensor : tensors) {
    if (!is_left(tensor)) continue;
    throw Error(where, "computes a weight from " + in_quotes(tensor.name) +
                           " in a way that is not known; before saving call "
                           "torch.nn.utils.parametrize.remove_parametrizations(MODULE, \"weight\"), or "
                           "torch.nn.utils.remove_spectral_norm(MODULE)");
  }
  std::vector<std::string> words;
  for (const auto& [what, count] : folded) {
    words.push_back(what + " of " + tensors_text(count) + " folded");
  }
  return words;
}

}  // namespace dinghy::converter
