// What Keras saves: .h5 weights and models of Keras 2, .weights.h5 and .keras of Keras 3. Told apart by content.
#pragma once

#include "converter/readers/archive.h"

namespace dinghy::converter {

/// Whether this build has libhdf5; without it the functions that read throw Error.
extern const bool kReadsKeras;

/// An HDF5 file. Tensors are named as Keras 2 names variables, without ":0" ("dense/kernel"), or in the layout of Keras
/// 3, which numbers them, by layer ("dense/vars/0"). A model configuration inside is the document "model_config".
/// Optimizers and metrics are left out. Throws Error for HDF5 that holds no Keras weights, and where this build has no
/// libhdf5.
Checkpoint read_keras_h5(const std::string& path);

/// Whether a zip archive is a .keras file.
bool is_keras_archive(const Archive& archive);

/// A .keras file: the layers get their names from its config.json.
Checkpoint read_keras_archive(const Archive& archive);

}  // namespace dinghy::converter
