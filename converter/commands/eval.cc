// dinghy eval: scores labelled requests and says how good the scores are.
#include <CLI/App.hpp>
#include <algorithm>
#include <memory>

#include "converter/commands/commands.h"
#include "converter/commands/options.h"
#include "converter/evaluation/evaluation.h"
#include "converter/evaluation/scored_requests.h"
#include "converter/text/line_output.h"

namespace dinghy::converter {
namespace {

struct EvalOptions {
  std::string model;
  std::string requests;
  std::string isa;
  std::string user_feature;
  bool json = false;
};

void evaluate(const EvalOptions& options) {
  const Model model = open_model(options.model);
  RequestReader requests(request_shape(model), options.requests);
  const auto user_feature = find_user_feature(requests.shape(), options.user_feature, options.model);
  RequestScorer scorer(model, options.model, {.isa = options.isa});
  const ScoredRequests scored = score_requests(requests, scorer, user_feature, Labels::required, options.requests);
  const std::vector<Impression>& impressions = scored.impressions;

  Evaluation evaluation;
  evaluation.requests = scored.requests;
  evaluation.impressions = impressions.size();
  evaluation.clicked = static_cast<std::uint64_t>(std::count_if(
      impressions.begin(), impressions.end(), [](const Impression& impression) { return impression.clicked; }));
  evaluation.isa = scorer.isa();
  evaluation.auc = auc(impressions);
  if (user_feature) {
    evaluation.user_feature = requests.shape().features[*user_feature].name;
    evaluation.by_user = group_auc(impressions);
  }
  evaluation.log_loss = log_loss(impressions);
  evaluation.calibration = calibration(impressions);
  LineOutput output("");
  output.write(options.json ? evaluation_json(evaluation) : evaluation_text(evaluation));
  output.flush();
}

}  // namespace

void add_eval_command(CLI::App& app) {
  auto options = std::make_shared<EvalOptions>();
  CLI::App* command = app.add_subcommand("eval", "Measure a model on labelled requests: AUC, GAUC, calibration");
  add_model_option(*command, options->model);
  add_requests_option(*command, options->requests, "Requests with \"label\", one a line; - is standard input");
  add_isa_option(*command, options->isa, "Instruction set to run on; without it DINGHY_ISA, else the best there is");
  command
      ->add_option("--user-feature", options->user_feature,
                   "The feature that tells users apart, for GAUC; without it user_id, user, or the only one")
      ->type_name("NAME");
  command->add_flag("--json", options->json, "Print JSON");
  command->callback([options] { evaluate(*options); });
}

}  // namespace dinghy::converter
