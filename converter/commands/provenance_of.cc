#include "converter/commands/provenance_of.h"

#include <filesystem>

#include "converter/commands/report.h"
#include "converter/readers/sha256.h"
#include "dinghy/version.h"

namespace dinghy::converter {
namespace {

/// "model" for "runs/model/", and the folder's name for ".".
std::string last_name(const std::string& path) {
  const std::filesystem::path whole = std::filesystem::absolute(path).lexically_normal();
  return (whole.has_filename() ? whole : whole.parent_path()).filename().string();
}

}  // namespace

Provenance provenance_of(const Conversion& conversion, const Preset& preset) {
  const Checkpoint& checkpoint = conversion.checkpoint;
  Provenance provenance;
  provenance.package = preset.package;
  provenance.preset = preset.name;
  provenance.checkpoint = last_name(checkpoint.path);
  provenance.checkpoint_sha256 =
      checkpoint.files.empty() ? sha256_of_file(checkpoint.path) : sha256_of_files(checkpoint.path, checkpoint.files);
  provenance.recipe = conversion.recipe.text;
  provenance.converter = "dinghy " DINGHY_VERSION;
  provenance.notes = notes_of(conversion);
  return provenance;
}

}  // namespace dinghy::converter
