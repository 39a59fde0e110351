// A checkpoint of XDL as its serving engine Blaze reads it: a folder with dense.npz, sparse.txt and text tables.
#pragma once

#include "converter/tensor.h"

namespace dinghy::converter {

/// Dense weights "tf_model$f1$kernel.npy" become tensors "tf_model/f1/kernel". Every table that sparse.txt names
/// becomes a tensor of its name [rows][dim] f32 and "NAME/ids" [rows] int64. The *.conf files become facts:
/// "feature_group.mid_list.table_name" = "mid_embedding", "….dim", "….udf_type", "….trunc_num".
/// Throws Error when `path` is no such folder, for rows of different lengths or no numbers, for an id that comes twice.
Checkpoint read_xdl(const std::string& path);

}  // namespace dinghy::converter
