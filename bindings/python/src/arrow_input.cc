#include "bindings/python/src/arrow_input.h"

#include <string_view>

#include "bindings/python/src/arrow_values.h"
#include "bindings/python/src/errors.h"

namespace nb = nanobind;

namespace dinghy::python {
namespace {

template <class T>
T& pointer_of(nb::handle capsule, const char* name) {
  void* const pointer = PyCapsule_GetPointer(capsule.ptr(), name);
  if (pointer == nullptr) throw nb::python_error();
  return *static_cast<T*>(pointer);
}

std::string failure(ArrowArrayStream& stream) {
  const char* const text = stream.get_last_error(&stream);
  return std::string("the Arrow stream failed") + (text == nullptr ? "" : std::string(": ") + text);
}

}  // namespace

ArrowInput::ArrowInput(nb::handle object) {
  if (nb::hasattr(object, "__arrow_c_array__")) {
    const nb::object pair = object.attr("__arrow_c_array__")();
    schema_.take(pointer_of<ArrowSchema>(pair[0], "arrow_schema"));
    batch_.take(pointer_of<ArrowArray>(pair[1], "arrow_array"));
    one_ = true;
  } else if (nb::hasattr(object, "__arrow_c_stream__")) {
    const nb::object capsule = object.attr("__arrow_c_stream__")();
    stream_.take(pointer_of<ArrowArrayStream>(capsule, "arrow_array_stream"));
    if (stream_->get_schema(stream_.get(), schema_.get()) != 0) raise_value(failure(*stream_));
  } else {
    raise_type(
        std::string("a batch of type ") + nb::type_name(object.type()).c_str() +
        " has neither __arrow_c_array__ nor __arrow_c_stream__; record batches, tables and data frames of pyarrow, "
        "polars, duckdb and pandas have");
  }
  if (std::string_view(schema_->format) != "+s") {
    raise_type(std::string("the batch is an Arrow array of the type '") + schema_->format +
               "'; a record batch, a table or a data frame belongs there");
  }
}

const ArrowArray* ArrowInput::next() {
  if (one_) {
    one_ = false;
    return batch_.get();
  }
  batch_.reset();
  if (stream_->release == nullptr) return nullptr;
  if (stream_->get_next(stream_.get(), batch_.get()) != 0) throw ArrowTypeError(failure(*stream_));
  return batch_->release == nullptr ? nullptr : batch_.get();
}

}  // namespace dinghy::python
