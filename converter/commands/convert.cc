// dinghy convert: a checkpoint of a public DIN code becomes a .dinghy file.
#include <CLI/App.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "converter/calibration/calibration.h"
#include "converter/commands/commands.h"
#include "converter/commands/explain.h"
#include "converter/commands/report.h"
#include "converter/error.h"
#include "converter/golden/check.h"
#include "converter/model_file/writer.h"
#include "converter/presets/presets.h"
#include "converter/readers/companions.h"
#include "converter/readers/read_checkpoint.h"
#include "converter/readers/sha256.h"
#include "converter/text/line_output.h"
#include "converter/text/progress.h"
#include "converter/text/text_file.h"

namespace dinghy::converter {
namespace {

struct ConvertOptions {
  std::string checkpoint;
  std::vector<std::string> companions;
  std::string recipe;
  std::string calibration;
  std::string golden;
  std::string name;
  std::string output;
  double tolerance = 1e-5;
  bool explain = false;
};

GoldenRows read_golden(const std::string& path, double tolerance) {
  GoldenRows golden;
  if (path.empty()) return golden;
  golden.lines = read_text_file(path, "--check takes requests with \"scores\", one JSON object a line");
  if (!golden.lines.empty() && !golden.lines.ends_with('\n')) golden.lines += '\n';
  golden.count = static_cast<std::uint32_t>(std::ranges::count(golden.lines, '\n'));
  golden.tolerance = tolerance;
  if (golden.count == 0) throw Error(path, "holds no rows; --check takes requests with \"scores\", one a line");
  return golden;
}

/// "model" for "runs/model/", and the folder's name for ".".
std::string last_name(const std::string& path) {
  const std::filesystem::path whole = std::filesystem::absolute(path).lexically_normal();
  return (whole.has_filename() ? whole : whole.parent_path()).filename().string();
}

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

WrittenSizes write_with_progress(const Network& network, const Provenance& provenance, const GoldenRows& golden,
                                 OutputFile& file) {
  std::optional<Progress> progress;
  return write_model(network, provenance, golden, file, [&](std::uint64_t written, std::uint64_t total) {
    if (!progress) progress.emplace("MB written", total);
    progress->update(written, written / 1'000'000);
  });
}

// Opens the file before it gets its name: what the engine refuses, or scores wrongly, must not stay behind.
std::vector<IsaCheck> check_written(const OutputFile& file, const ConvertOptions& options, const GoldenRows& golden) {
  const Result<Model> model = Model::open(file.temporary_path().c_str());
  if (!model.ok()) throw Error(options.output, std::string("would not open: ") + model.status().message());
  std::vector<IsaCheck> checks;
  if (golden.count == 0) return checks;
  for (const std::string isa : {"reference", ""}) {
    checks.push_back(check_isa(*model, options.output, isa, golden.lines, options.golden, golden.tolerance));
    if (!checks.back().failure.empty()) {
      throw Error(options.checkpoint, "does not score as expected, " + checks.back().failure +
                                          "; the preset or the recipe does not fit, see docs/recipes.md");
    }
  }
  return checks;
}

// Batch statistics have no value for a single request: the rows that freeze them are part of what the model is.
void calibrate_if_needed(Conversion& conversion, const ConvertOptions& options) {
  const bool needed = !conversion.batch_norms.empty();
  if (needed && options.calibration.empty()) {
    throw Error(options.checkpoint,
                "its tower normalizes by the statistics of the batch that is scored, so that a request has no score of "
                "its own; give requests of real traffic with --calibrate ROWS.jsonl, whose mean and variance are frozen");
  }
  if (!needed && !options.calibration.empty()) {
    throw Error(options.calibration, "calibrates nothing: this network has statistics of its own");
  }
  if (needed) calibrate(conversion, options.calibration, options.output);
}

void convert(const ConvertOptions& options) {
  const Recipe recipe = options.recipe.empty() ? Recipe{} : read_recipe(options.recipe);
  Checkpoint checkpoint = read_checkpoint(options.checkpoint);
  add_companions(checkpoint, options.companions);
  if (options.explain) return explain_checkpoint(checkpoint, recipe, options.output);
  const Preset& preset = choose_preset(checkpoint, recipe);
  const GoldenRows golden = read_golden(options.golden, options.tolerance);

  Conversion conversion(checkpoint, recipe);
  build_network(conversion, preset);
  calibrate_if_needed(conversion, options);
  conversion.network.name = options.name.empty() ? std::filesystem::path(options.output).stem().string() : options.name;

  OutputFile file(options.output);
  const WrittenSizes sizes = write_with_progress(conversion.network, provenance_of(conversion, preset), golden, file);
  const std::vector<IsaCheck> checks = check_written(file, options, golden);
  file.commit();
  LineOutput output("");
  output.write(report_text(conversion, preset, options.output, sizes) + checks_text(checks));
  output.flush();
}

}  // namespace

void add_convert_command(CLI::App& app) {
  auto options = std::make_shared<ConvertOptions>();
  CLI::App* command = app.add_subcommand("convert", "Convert a trained checkpoint to a .dinghy file");
  command->add_option("checkpoint", options->checkpoint, "File or folder, told by its content: " + readable_formats())
      ->required()
      ->type_name("CHECKPOINT");
  command->add_option("--recipe", options->recipe, "What the checkpoint does not say about itself")
      ->type_name("R.toml");
  command
      ->add_option("--companion", options->companions,
                   "A file that the package wrote beside the checkpoint; those with usual names are found there")
      ->type_name("FILE");
  command
      ->add_option("--calibrate", options->calibration,
                   "Requests whose mean and variance stand for those of the batch, for networks that need them")
      ->type_name("ROWS.jsonl");
  command
      ->add_option("--check", options->golden, "Compare with these scores, and store them in the file as golden rows")
      ->type_name("GOLDEN.jsonl");
  command->add_option("--tolerance", options->tolerance, "How far a probability may be off; 1e-05 unless given")
      ->type_name("X")
      ->check([](const std::string& text) {
        const double value = std::strtod(text.c_str(), nullptr);
        return value > 0 && value < 1 ? std::string() : std::string("has to be between 0 and 1");
      });
  command->add_option("--name", options->name, "Name of the model; the output's name unless given")->type_name("NAME");
  CLI::Option* output =
      command->add_option("-o,--output", options->output, "The file to write; with --explain a recipe to start from")
          ->type_name("M.dinghy");
  command
      ->add_flag("--explain", options->explain,
                 "Convert nothing: show preset, choices with their sources, and the use of each tensor")
      ->excludes("--calibrate")
      ->excludes("--check")
      ->excludes("--name");
  command->callback([options, output] {
    if (!options->explain && output->empty()) throw CLI::RequiredError("--output");
    convert(*options);
  });
}

}  // namespace dinghy::converter
