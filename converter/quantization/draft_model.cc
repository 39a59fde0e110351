#include "converter/quantization/draft_model.h"

#include "converter/error.h"
#include "converter/model_file/writer.h"

namespace dinghy::converter {
namespace {

Model written(const Network& network, const std::string& checkpoint, const std::string& output, OutputFile& file) {
  Provenance provenance;
  provenance.checkpoint = checkpoint;
  write_model(network, provenance, {}, file);
  const Result<Model> model = Model::open(file.temporary_path().c_str());
  if (!model.ok()) throw Error(output, std::string("would not open: ") + model.status().message());
  return *model;
}

}  // namespace

DraftModel::DraftModel(const Network& network, const std::string& checkpoint, const std::string& output)
    : file_(output), model_(written(network, checkpoint, output, file_)) {}

}  // namespace dinghy::converter
