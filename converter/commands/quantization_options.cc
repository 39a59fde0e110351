#include "converter/commands/quantization_options.h"

#include <CLI/App.hpp>
#include <algorithm>

#include "converter/error.h"
#include "converter/model_file/writer.h"
#include "converter/quantization/budget.h"
#include "converter/quantization/column_sizes.h"
#include "converter/quantization/compute_choice.h"
#include "converter/quantization/score_loss_report.h"
#include "converter/quantization/table_choice.h"
#include "converter/table_form.h"
#include "schema/header.h"

namespace dinghy::converter {
namespace {

std::uint64_t whole_pages(std::uint64_t bytes) {
  return (bytes + format::kSegmentAlignment - 1) / format::kSegmentAlignment * format::kSegmentAlignment;
}

/// What of a file lies in front of its tables, with room for notes about them.
std::uint64_t bytes_before_tables(const Network& network, Provenance provenance, const GoldenRows& golden) {
  constexpr std::size_t kLongestNote = 96, kLossNote = 160;
  provenance.notes.emplace_back(kLossNote, ' ');
  const std::vector<std::size_t> owners = owners_of_elements(network.tables);
  const std::size_t last = *std::ranges::max_element(owners);
  std::uint64_t tables = 0;
  for (std::size_t i = 0; i < network.tables.size(); ++i) {
    const Table& table = network.tables[i];
    provenance.notes.emplace_back(table.name.size() + kLongestNote, ' ');
    const std::uint64_t bytes = static_cast<std::uint64_t>(table.source.shape.at(0)) * row_stride(table);
    if (owners[i] == i) tables += i == last ? bytes : whole_pages(bytes);
  }
  return model_size(network, provenance, golden) - tables;
}

std::vector<format::RowForm> chosen_forms(const QuantizationOptions& options, const Network& network,
                                          const Provenance& provenance, const GoldenRows& golden) {
  if (options.budget.empty()) return read_table_choice(options.tables, network.tables);
  const std::uint64_t budget = read_bytes(options.budget);
  const std::uint64_t others = bytes_before_tables(network, provenance, golden);
  return forms_within(network, budget > others ? budget - others : 0, others, provenance.checkpoint);
}

}  // namespace

void add_quantization_options(CLI::App& command, QuantizationOptions& options) {
  CLI::Option* tables =
      command.add_option("--tables", options.tables,
                         "How rows are stored: f32, f16, i8, i8h or i4 for all tables, or by name: user=f16,item=i8");
  tables->type_name("ROWS");
  command.add_option("--budget", options.budget, "Store rows so that the file has at most this size: 20MB")
      ->type_name("SIZE")
      ->excludes(tables);
  command
      .add_option("--compute", options.compute,
                  "The attention's arithmetic: f32, int16, int8, or auto for the fastest that the rows allow")
      ->type_name("HOW");
  CLI::Option* eval = command.add_option("--eval", options.eval, "Requests, labelled or not, to measure the loss on");
  eval->type_name("ROWS.jsonl");
  command.add_option("--max-auc-loss", options.max_auc_loss, "Fail when these requests lose more AUC")
      ->type_name("X")
      ->needs(eval);
  command.add_option("--user-feature", options.user_feature, "As for dinghy eval: what tells users apart")
      ->type_name("NAME")
      ->needs(eval);
  command.add_option("--report-plot", options.plot, "Draw the distances of the scores")
      ->type_name("FILE.svg")
      ->needs(eval);
}

std::string QuantizationReport::text() const {
  return (tables.empty() ? "" : table_report_text(tables)) + (compute ? compute_note(*compute) + "\n" : "") +
         (loss ? score_loss_text(*loss) : "");
}

QuantizationReport quantize(const QuantizationOptions& options, Network& network, Provenance& provenance,
                            const GoldenRows& golden, const std::string& golden_path, const std::string& output) {
  QuantizationReport report;
  const bool tables = !options.tables.empty() || !options.budget.empty();
  if (!tables && options.compute.empty()) {
    if (options.eval.empty()) return report;
    throw Error("convert", "--eval tells what --tables, --budget or --compute cost; give one of the three");
  }
  const Network exact = network;
  const std::string word = options.compute.empty() ? "f32" : options.compute;
  const bool choose = word == "auto", limited = options.max_auc_loss.has_value();
  const std::vector<format::Compute> computes = read_compute(word, limited);
  network.compute = computes.front();  // of all, the one with the largest file
  if (network.compute != format::Compute::f32) measure_columns(network, provenance.checkpoint);
  if (tables) {
    report.tables = store_tables(network, chosen_forms(options, network, provenance, golden), provenance.checkpoint);
    for (std::string& note : table_notes(report.tables)) provenance.notes.push_back(std::move(note));
  }
  for (const format::Compute compute : computes) {
    network.compute = compute;
    const bool last = compute == format::Compute::f32 || !choose;
    if (!last && !limited &&
        !golden_rows_confirm(network, compute, golden, golden_path, provenance.checkpoint, output)) {
      continue;
    }
    if (!options.eval.empty()) {
      report.loss =
          measure_score_loss(exact, network, options.eval, options.user_feature, provenance.checkpoint, output);
    }
    if (limited && last) require_auc_loss(*report.loss, *options.max_auc_loss);
    const bool kept = !limited || last ||
                      (!report.loss->lacks_integers &&
                       report.loss->all.auc_loss(report.loss->exact).value_or(1) <= *options.max_auc_loss);
    if (kept) break;
  }
  report.compute = options.compute.empty() ? std::nullopt : std::optional(network.compute);
  if (report.compute) provenance.notes.push_back(compute_note(network.compute));
  if (report.loss) provenance.notes.push_back(score_loss_note(*report.loss));
  return report;
}

}  // namespace dinghy::converter
