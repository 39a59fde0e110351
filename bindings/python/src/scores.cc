#include "bindings/python/src/scores.h"

#include <nanobind/ndarray.h>

#include <new>

namespace nb = nanobind;

namespace dinghy::python {
namespace {

// What numpy.empty(n, numpy.float32) needs. Never freed: the interpreter may be gone before static objects are.
struct Numpy {
  nb::object empty, float32;
};
const Numpy& numpy() {
  static const Numpy* const numpy = [] {
    const nb::module_ module = nb::module_::import_("numpy");
    return new Numpy{module.attr("empty"), module.attr("dtype")("float32")};
  }();
  return *numpy;
}

}  // namespace

ScoreArray::ScoreArray(std::size_t size) {
  const nb::object count = nb::steal(PyLong_FromSize_t(size));
  array_ = nb::steal(PyObject_CallFunctionObjArgs(numpy().empty.ptr(), count.ptr(), numpy().float32.ptr(), nullptr));
  if (!array_.is_valid()) throw nb::python_error();
  Py_buffer view;
  if (PyObject_GetBuffer(array_.ptr(), &view, PyBUF_WRITABLE) != 0) throw nb::python_error();
  span_ = {static_cast<float*>(view.buf), size};
  PyBuffer_Release(&view);  // the memory stays where it is while the array lives, which nobody else has yet
}

Status AttentionWeights::allocate(const Model& model, const UserState& user, std::size_t candidates) noexcept try {
  candidates_ = candidates;
  size_ = 0;
  for (std::size_t i = 0; i < model.interests(); ++i) {
    lengths_.push_back(user.history_length(i));
    size_ += candidates * lengths_.back();
  }
  weights_.reset(new float[size_]);
  return Status();
} catch (const std::bad_alloc&) {
  return Status::error(Code::out_of_memory, "no memory for attention weights");
}

nb::list AttentionWeights::take() {
  float* block = weights_.get();
  const nb::capsule owner(weights_.get(), [](void* memory) noexcept { delete[] static_cast<float*>(memory); });
  weights_.release();
  nb::list arrays;
  for (const std::size_t length : lengths_) {
    arrays.append(nb::ndarray<nb::numpy, float>(block, {candidates_, length}, owner));
    block += candidates_ * length;
  }
  return arrays;
}

nb::object result_of(ScoreArray& scores, AttentionWeights& weights, bool attention) {
  if (!attention) return scores.take();
  return nb::make_tuple(scores.take(), weights.take());
}

}  // namespace dinghy::python
