// The reader of Keras files in a build that found no libhdf5.
#include "converter/error.h"
#include "converter/readers/keras/keras.h"

namespace dinghy::converter {
namespace {

[[noreturn]] void fail(const std::string& path) {
  throw Error(path,
              "is a file of Keras (HDF5), which this build cannot read; install libhdf5-dev and build Dinghy anew, or "
              "save the weights as .npz");
}

}  // namespace

const bool kReadsKeras = false;

Checkpoint read_keras_h5(const std::string& path) { fail(path); }

bool is_keras_archive(const Archive& archive) { return archive.contains("model.weights.h5"); }

Checkpoint read_keras_archive(const Archive& archive) { fail(archive.path()); }

}  // namespace dinghy::converter
