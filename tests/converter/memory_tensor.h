// Tensors and checkpoints in memory.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "converter/readers/storage.h"
#include "converter/tensor.h"

namespace dinghy::converter {

/// A row-major tensor of float32 numbers.
inline Tensor memory_tensor(const std::string& name, std::vector<std::int64_t> shape,
                            const std::vector<float>& numbers) {
  const auto from = std::as_bytes(std::span(numbers));
  std::vector<std::byte> bytes(from.begin(), from.end());
  Tensor tensor;
  tensor.name = name;
  tensor.strides.assign(shape.size(), 1);
  for (std::size_t i = shape.size(); i-- > 1;) tensor.strides[i - 1] = tensor.strides[i] * shape[i];
  tensor.shape = std::move(shape);
  tensor.storage = std::make_shared<BufferStorage>(std::move(bytes));
  return tensor;
}

/// A tensor whose first number is `first`, and each one `step` more than the one before.
inline Tensor numbered_tensor(const std::string& name, std::vector<std::int64_t> shape, float first, float step = 1) {
  std::int64_t count = 1;
  for (const std::int64_t extent : shape) count *= extent;
  std::vector<float> numbers(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = first + static_cast<float>(i) * step;
  return memory_tensor(name, std::move(shape), numbers);
}

/// A tensor of nothing but `value`.
inline Tensor filled(const std::string& name, std::vector<std::int64_t> shape, float value) {
  return numbered_tensor(name, std::move(shape), value, 0);
}

inline Tensor zeros(const std::string& name, std::vector<std::int64_t> shape) {
  return filled(name, std::move(shape), 0);
}

inline Tensor ones(const std::string& name, std::vector<std::int64_t> shape) {
  return filled(name, std::move(shape), 1);
}

inline Checkpoint memory_checkpoint(std::vector<Tensor> tensors) {
  Checkpoint checkpoint;
  checkpoint.path = "model.npz";
  checkpoint.format = "npz";
  checkpoint.tensors = std::move(tensors);
  return checkpoint;
}

}  // namespace dinghy::converter
