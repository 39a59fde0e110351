// TensorFlow checkpoints: the V2 bundle of tf.train.Saver and tf.train.Checkpoint, and the variables of a SavedModel.
#pragma once

#include "converter/readers/tensorflow/bundle_path.h"
#include "converter/tensor.h"

namespace dinghy::converter {

/// Reads a checkpoint. Names are those of the variables, without ":0"; an object graph gives a variable its own name,
/// or its path from the root where that is not unique. Parts of partitioned variables are one tensor. What only
/// training needs is in Checkpoint::left_out. Every byte of tensors up to 64 MiB is checked; all tensors stay on disk.
Checkpoint read_bundle(const BundlePath& path);

}  // namespace dinghy::converter
