#include "converter/commands/explain.h"

#include <filesystem>
#include <span>

#include "converter/error.h"
#include "converter/explanation/explanation.h"
#include "converter/explanation/generic_recipe.h"
#include "converter/model_file/output_file.h"
#include "converter/text/line_output.h"

namespace dinghy::converter {
namespace {

// What its owner has worked on must not be lost.
void require_new(const std::string& path) {
  if (std::filesystem::exists(path)) throw Error(path, "is there already; --explain writes a new recipe only");
}

std::string without_last_slash(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

void write_text(const std::string& path, const std::string& text) {
  OutputFile file(path);
  file.write(std::as_bytes(std::span(text)));
  file.commit();
}

// The folder appears with all its files or not at all. What a killed process left of it is in the way of nobody's work.
void write_folder(const std::string& path, const RecipeFolder& folder) {
  const std::string part = without_last_slash(path) + ".dinghy-part";
  try {
    std::filesystem::remove_all(part);
    std::filesystem::create_directory(part);
    for (const auto& [name, text] : folder) write_text(part + "/" + name, text);
    std::filesystem::rename(part, path);
  } catch (...) {
    std::error_code ignored;
    std::filesystem::remove_all(part, ignored);
    throw;
  }
}

void print(const Conversion& conversion, const Explanation& explanation) {
  LineOutput lines("");
  lines.write(explanation_text(conversion, explanation));
  lines.flush();
}

}  // namespace

void explain_checkpoint(const Checkpoint& checkpoint, const Recipe& recipe, const std::string& output) {
  if (!output.empty()) require_new(output);
  Conversion conversion(checkpoint, recipe);
  const Explanation explanation = explain(conversion);
  print(conversion, explanation);
  if (!output.empty()) write_text(output, starting_recipe(conversion, explanation));
  if (explanation.failure) throw *explanation.failure;
}

void explain_as_generic(const Checkpoint& checkpoint, const Recipe& recipe, const std::string& output) {
  require_new(output);
  Conversion conversion(checkpoint, recipe);
  const Explanation explanation = explain(conversion);
  print(conversion, explanation);
  if (explanation.failure) throw *explanation.failure;
  write_folder(output, generic_recipe(conversion, *explanation.preset));
}

}  // namespace dinghy::converter
