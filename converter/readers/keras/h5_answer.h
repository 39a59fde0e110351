// The half of the reader of Keras' files that is linked with libhdf5.
#pragma once

#include "converter/readers/keras/h5_question.h"

namespace dinghy::converter {

/// The rows' numbers, as this machine has them; or in CBOR the file's format, its datasets and its configuration. Only
/// for dinghy-read-keras: a damaged file can crash libhdf5. Throws Error for a damaged file and for one without
/// weights.
std::string answer(const H5Question& question, const Storage& file);

}  // namespace dinghy::converter
