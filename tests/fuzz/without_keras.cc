// In place of the program for libhdf5, which damaged bytes break by design, after seconds or minutes: the
// targets of any bytes leave Keras' files to the target keras_weights.
#include "converter/error.h"
#include "converter/readers/keras/h5_process.h"

std::string dinghy::converter::ask_h5_process(const H5Question& question, const Storage&) {
  throw Error(question.where, "is left to keras_weights");
}
