// dinghy convert: a checkpoint of a public DIN code becomes a .dinghy file.
#include <CLI/App.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "converter/calibration/calibration.h"
#include "converter/commands/commands.h"
#include "converter/commands/explain.h"
#include "converter/commands/golden_option.h"
#include "converter/commands/provenance_of.h"
#include "converter/commands/quantization_options.h"
#include "converter/commands/report.h"
#include "converter/error.h"
#include "converter/golden/golden_columns.h"
#include "converter/input_file.h"
#include "converter/model_file/writer.h"
#include "converter/presets/open_settings.h"
#include "converter/presets/packed_tables.h"
#include "converter/presets/presets.h"
#include "converter/presets/weights_choice.h"
#include "converter/quantization/draft_model.h"
#include "converter/quantization/score_loss_report.h"
#include "converter/readers/companions.h"
#include "converter/readers/read_checkpoint.h"
#include "converter/remote/remote_tables.h"
#include "converter/requests/feature_error.h"
#include "converter/table_form.h"
#include "converter/text/line_output.h"
#include "converter/text/number_text.h"
#include "converter/text/progress.h"
#include "schema/golden_bounds.h"

namespace dinghy::converter {
namespace {

struct ConvertOptions {
  std::string checkpoint;
  std::vector<std::string> companions;
  std::string recipe;
  std::string calibration;
  std::string golden;
  std::string name;
  std::string version;
  std::string output;
  std::string report;
  std::string whole;
  RemoteOptions remote;
  QuantizationOptions quantization;
  double tolerance = 1e-5;
  bool explain = false;
  bool generic = false;
};

WrittenSizes write_with_progress(const Network& network, const Provenance& provenance, const GoldenRows& golden,
                                 OutputFile& file) {
  std::optional<Progress> progress;
  return write_model(network, provenance, golden, file, [&](std::uint64_t written, std::uint64_t total) {
    if (!progress) progress.emplace("MB written", total);
    progress->update(written, written / 1'000'000);
  });
}

// Opens the file before it gets its name: what the engine refuses, or scores wrongly, must not stay behind.
std::vector<IsaCheck> check_written(const OutputFile& file, const ConvertOptions& options, const GoldenRows& golden,
                                    const std::vector<std::string>& assumed) {
  const Result<Model> model = Model::open(file.temporary_path().c_str());
  if (!model.ok()) throw Error(options.output, std::string("would not open: ") + model.status().message());
  std::vector<IsaCheck> checks = check_golden(*model, golden, options.golden, options.checkpoint, assumed);
  if (golden.columns.empty()) return checks;
  // The same rows as the engine will read them on a device.
  if (Status status = model->selftest("reference"); !status) throw Error(options.output, status.message());
  return checks;
}

// For the engine, which reads no JSON, the golden rows go into the file as columns too.
void add_golden_columns(GoldenRows& golden, const Conversion& conversion, const ConvertOptions& options,
                        Provenance& provenance) {
  if (golden.count == 0) return;
  GoldenColumns columns = golden_columns(request_shape(conversion.network), golden.lines, options.golden);
  golden.columns = std::move(columns.bytes);
  if (columns.left_out == 0) return;
  provenance.notes.push_back(std::to_string(columns.left_out) + " golden rows of over " +
                             std::to_string(format::kMaxGoldenCandidates) + " candidates or " +
                             std::to_string(format::kMaxGoldenHistory) +
                             " behaviours: `dinghy selftest` scores them, Model::selftest does not");
}

// Golden rows prove two things: that the network is understood, which only exact numbers can show, and on the device
// that the stored numbers are computed with rightly, for which the file says how far they are off.
std::string check_both(const Network& exact, const Network& stored, const ConvertOptions& options, GoldenRows& golden,
                       const std::vector<std::string>& assumed) {
  if (golden.count == 0) return {};
  std::string text;
  {
    const DraftModel draft(exact, options.checkpoint, options.output);
    text =
        "as trained:\n" + checks_text(check_golden(draft.model(), golden, options.golden, options.checkpoint, assumed));
  }
  const DraftModel draft(stored, options.checkpoint, options.output);
  golden.tolerance = tolerance_of_stored(draft.model(), golden, options.golden);
  return text + "as stored, with a tolerance of " + short_number(golden.tolerance.score) + " for scores and " +
         short_number(golden.tolerance.attention) + " for attention weights in the file:\n";
}

// Batch statistics have no value for a single request: the rows that freeze them are part of what the model is.
void calibrate_if_needed(Conversion& conversion, const ConvertOptions& options) {
  const bool needed = !conversion.batch_norms.empty();
  if (needed && options.calibration.empty()) {
    throw Error(
        options.checkpoint,
        "its tower normalizes by the statistics of the batch that is scored, so that a request has no score of "
        "its own; give requests of real traffic with --calibrate ROWS.jsonl, whose mean and variance are frozen");
  }
  if (!needed && !options.calibration.empty()) {
    throw Error(options.calibration, "calibrates nothing: this network has statistics of its own");
  }
  if (needed) calibrate(conversion, options.calibration, options.output);
}

/// What the output is written of: the network, or with --remote that of a device, whose other rows are in the file
/// `whole`.
struct WrittenNetwork {
  Network network;
  Provenance provenance;
  std::optional<OutputFile> whole;
  std::string report;
};

void split_tables(WrittenNetwork& written, const ConvertOptions& options, const GoldenRows& golden,
                  const std::vector<std::string>& assumed) {
  if (options.remote.features.empty()) return;
  written.whole.emplace(options.whole);
  write_with_progress(written.network, written.provenance, golden, *written.whole);
  check_written(*written.whole, options, golden, assumed);
  const Result<Model> whole = Model::open(written.whole->temporary_path().c_str());
  if (!whole.ok()) throw Error(options.whole, std::string("would not open: ") + whole.status().message());
  DeviceNetwork device = device_network(written.network, *whole, options.remote, golden);
  for (const std::string& list : device.lists) written.report += list + "\n";
  for (std::string& note : device.notes()) {
    written.report += note + "\n";
    written.provenance.notes.push_back(std::move(note));
  }
  written.network = std::move(device.network);
}

std::vector<std::string> outputs_of(const ConvertOptions& options) {
  std::vector<std::string> outputs{options.output, options.whole, options.report, options.quantization.plot};
  std::erase(outputs, "");
  return outputs;
}

void require_different(const std::vector<std::string>& outputs) {
  std::set<std::filesystem::path> places;
  for (const std::string& output : outputs) {
    if (places.insert(std::filesystem::weakly_canonical(output)).second) continue;
    throw Error(output, "is given for two outputs; give each a name of its own");
  }
}

// All that is open in one message: one that stops at the first costs a run for each.
std::string open_text(const Conversion& conversion, const Preset& preset) {
  std::string open = open_settings_text(preset.name);
  if (open.empty() || !conversion.recipe.path.empty()) return {};
  if (const std::string weights = open_weights_text(conversion); !weights.empty()) open = weights + ", " + open;
  return "; files of this code leave open what only a recipe says, so say at once what you know of " + open +
         ", and [rename] where requests call its features otherwise";
}

void build_or_say_what_is_open(Conversion& conversion, const Preset& preset) {
  try {
    build_network(conversion, preset);
  } catch (const Error& error) {
    throw Error(error, open_text(conversion, preset));
  }
}

void add_golden_or_say_what_is_open(GoldenRows& golden, const Conversion& conversion, const Preset& preset,
                                    const ConvertOptions& options, Provenance& provenance) {
  try {
    add_golden_columns(golden, conversion, options, provenance);
  } catch (const FeatureError& error) {
    throw Error(error, "; in a recipe [inputs] says whose a feature is, [rename] what requests call it" +
                           open_text(conversion, preset));
  }
}

// Nothing where no path was given.
void write_file(const std::string& path, const std::string& text) {
  if (path.empty()) return;
  OutputFile file(path);
  file.write(std::as_bytes(std::span(text)));
  file.commit();
}

void convert(const ConvertOptions& options) {
  const std::vector<std::string> outputs = outputs_of(options);
  require_different(outputs);
  const Recipe recipe = options.recipe.empty() ? Recipe{} : read_recipe(options.recipe);
  Checkpoint checkpoint = read_checkpoint(options.checkpoint);
  add_companions(checkpoint, options.companions);
  choose_weights(checkpoint, recipe);
  unpack_tables(checkpoint, recipe);
  if (options.generic) return explain_as_generic(checkpoint, recipe, options.output);
  if (options.explain) return explain_checkpoint(checkpoint, recipe, options.output);
  const Preset& preset = choose_preset(checkpoint, recipe);
  GoldenRows golden = read_golden(options.golden, options.tolerance);

  Conversion conversion(checkpoint, recipe);
  build_or_say_what_is_open(conversion, preset);
  calibrate_if_needed(conversion, options);
  conversion.network.name = options.name.empty() ? std::filesystem::path(options.output).stem().string() : options.name;
  conversion.network.version = options.version;

  Provenance provenance = provenance_of(conversion, preset);
  add_golden_or_say_what_is_open(golden, conversion, preset, options, provenance);
  const Network exact = conversion.network;
  const QuantizationReport quantization =
      quantize(options.quantization, conversion.network, provenance, golden, options.golden, options.output);
  std::string report = quantization.text();
  if (!same_forms(exact, conversion.network) || conversion.network.compute != exact.compute) {
    report += check_both(exact, conversion.network, options, golden, assumptions_of(conversion));
  }
  std::ranges::for_each(outputs, refuse_input_as_output);  // all of them before one is written

  WrittenNetwork written{
      .network = conversion.network, .provenance = std::move(provenance), .whole = std::nullopt, .report = {}};
  split_tables(written, options, golden, assumptions_of(conversion));
  report += written.report;
  OutputFile file(options.output);
  const WrittenSizes sizes = write_with_progress(written.network, written.provenance, golden, file);
  const std::vector<IsaCheck> checks = check_written(file, options, golden, assumptions_of(conversion));
  report += checks_text(checks);
  if (golden.count == 0 && ignores_parts(conversion)) {
    report += "warning: ignored tensors look like parts of the network, and no --check shows that scores are right\n";
  }
  if (quantization.loss) write_file(options.quantization.plot, score_loss_svg(*quantization.loss));
  write_file(options.report, report_json(conversion, preset, sizes, checks, quantization));
  if (written.whole) written.whole->commit();
  file.commit();
  LineOutput output("");
  output.write(report_text(conversion, preset, options.output, sizes) + report);
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
  add_quantization_options(*command, options->quantization);
  CLI::Option* remote =
      command
          ->add_option("--remote", options->remote.features,
                       "A feature whose rows come with the calls: the output is a device's model; may be given again")
          ->type_name("NAME");
  CLI::Option* whole =
      command
          ->add_option("--whole", options->whole, "Where the model with all rows goes, for the server that sends them")
          ->type_name("M.dinghy")
          ->needs(remote);
  remote->needs(whole);
  command
      ->add_option("--local", options->remote.local,
                   "Ids of a remote feature, one a line, whose rows the device's model has: item=TOP.txt")
      ->type_name("NAME=FILE")
      ->needs(remote);
  command->add_option("--report", options->report, "Write the report as JSON: choices, tensors, sizes, checks, losses")
      ->type_name("FILE.json");
  command->add_option("--name", options->name, "Name of the model; the output's name unless given")->type_name("NAME");
  command
      ->add_option("--model-version", options->version,
                   "Which training of the model this is, for programs that have it: a date, a run, a commit")
      ->type_name("TEXT");
  CLI::Option* output =
      command->add_option("-o,--output", options->output, "The file to write; with --explain a recipe to start from")
          ->type_name("M.dinghy");
  CLI::Option* explain =
      command
          ->add_flag("--explain", options->explain,
                     "Convert nothing: show preset, choices with their sources, and the use of each tensor")
          ->excludes("--calibrate")
          ->excludes("--remote")
          ->excludes("--check")
          ->excludes("--report")
          ->excludes("--name")
          ->excludes("--model-version");
  command
      ->add_flag("--generic", options->generic,
                 "With --explain: -o is a folder to make, with the network as a generic recipe and its vocabularies")
      ->needs(explain)
      ->needs(output);
  command->callback([options, output] {
    if (!options->explain && output->empty()) throw CLI::RequiredError("--output");
    convert(*options);
  });
}

}  // namespace dinghy::converter
