#include "converter/commands/explain.h"

#include <filesystem>
#include <span>

#include "converter/error.h"
#include "converter/explanation/explanation.h"
#include "converter/model_file/output_file.h"
#include "converter/text/line_output.h"

namespace dinghy::converter {
namespace {

// A recipe that its owner has worked on must not be lost.
void require_new(const std::string& path) {
  if (std::filesystem::exists(path)) throw Error(path, "is there already; --explain writes a new recipe only");
}

void write_recipe(const std::string& path, const std::string& text) {
  OutputFile file(path);
  file.write(std::as_bytes(std::span(text)));
  file.commit();
}

}  // namespace

void explain_checkpoint(const Checkpoint& checkpoint, const Recipe& recipe, const std::string& output) {
  if (!output.empty()) require_new(output);
  Conversion conversion(checkpoint, recipe);
  const Explanation explanation = explain(conversion);
  LineOutput lines("");
  lines.write(explanation_text(conversion, explanation));
  lines.flush();
  if (!output.empty()) write_recipe(output, starting_recipe(conversion, explanation));
  if (explanation.failure) throw *explanation.failure;
}

}  // namespace dinghy::converter
