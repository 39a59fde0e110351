// The options of `convert` that say how tables are stored and the attention is computed, and how much of the scores
// that may cost.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "converter/model_file/golden_rows.h"
#include "converter/model_file/provenance.h"
#include "converter/network.h"
#include "converter/quantization/score_loss.h"
#include "converter/quantization/table_report.h"

namespace CLI {
class App;
}

namespace dinghy::converter {

struct QuantizationOptions {
  std::string tables;   // empty: as they are
  std::string budget;   // empty: none
  std::string compute;  // empty: f32
  std::string eval;     // requests; empty: none
  std::string user_feature;
  std::optional<double> max_auc_loss;
  std::string plot;  // a file for SVG
};

/// --tables, --budget, --compute, --eval and what belongs to them. The referenced options live as long as the
/// application.
void add_quantization_options(CLI::App& command, QuantizationOptions& options);

/// What quantize() found out.
struct QuantizationReport {
  std::vector<TableReport> tables;         // none where no option asks to store tables otherwise
  std::optional<format::Compute> compute;  // where an option asks for it
  std::optional<ScoreLoss> loss;

  /// For a terminal.
  std::string text() const;
};

/// Stores the tables of the network and computes its attention as the options say, and measures what numbers and scores
/// lose. The notes of `provenance` then say it; `golden`, of the file `golden_path`, goes into the file too. Models are
/// drafted beside `output`. Throws Error when the loss is over --max-auc-loss.
QuantizationReport quantize(const QuantizationOptions& options, Network& network, Provenance& provenance,
                            const GoldenRows& golden, const std::string& golden_path, const std::string& output);

}  // namespace dinghy::converter
