// Batches of another library, by the capsules of Arrow's C interfaces.
#pragma once

#include <nanobind/nanobind.h>

#include "bindings/python/src/arrow_abi.h"

namespace dinghy::python {

/// One batch (__arrow_c_array__) or many (__arrow_c_stream__), one at a time.
class ArrowInput {
 public:
  /// Needs the GIL. Raises ArgumentTypeError for an object that has neither, and for what is no batch.
  explicit ArrowInput(nanobind::handle object);

  const ArrowSchema& schema() noexcept { return *schema_; }
  /// The next batch, until the next call, or null. Without the GIL. Throws ArrowTypeError: the stream fails.
  const ArrowArray* next();

 private:
  Owned<ArrowSchema> schema_;
  Owned<ArrowArray> batch_;
  Owned<ArrowArrayStream> stream_;
  bool one_ = false;
};

}  // namespace dinghy::python
