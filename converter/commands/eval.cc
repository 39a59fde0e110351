// dinghy eval: scores labelled requests and says how good the scores are.
#include <CLI/App.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <unordered_map>

#include "converter/commands/commands.h"
#include "converter/commands/options.h"
#include "converter/error.h"
#include "converter/evaluation/evaluation.h"
#include "converter/requests/request_scorer.h"
#include "converter/text/line_output.h"
#include "converter/text/progress.h"
#include "converter/text/quotes.h"
#include "converter/text/suggestion.h"

namespace dinghy::converter {
namespace {

struct EvalOptions {
  std::string model;
  std::string requests;
  std::string isa;
  std::string user_feature;
  bool json = false;
};

bool can_tell_users_apart(const RequestShape::Feature& feature) {
  return feature.role == Role::user && feature.kind == FeatureKind::id;
}

/// The number of the feature that identifies a user: the one that was asked for, the only one, or by its usual name.
std::optional<std::uint32_t> find_user_feature(const RequestShape& shape, const EvalOptions& options) {
  std::vector<std::string> names;
  for (const auto& feature : shape.features) {
    if (can_tell_users_apart(feature)) names.push_back(feature.name);
  }
  std::string wanted = options.user_feature;
  for (const char* usual : {"user_id", "user"}) {
    if (wanted.empty() && std::find(names.begin(), names.end(), usual) != names.end()) wanted = usual;
  }
  if (wanted.empty() && names.size() == 1) wanted = names.front();
  if (wanted.empty()) return std::nullopt;
  for (std::uint32_t i = 0; i < shape.features.size(); ++i) {
    if (shape.features[i].name == wanted && can_tell_users_apart(shape.features[i])) return i;
  }
  throw Error(options.model, "--user-feature: no user id feature " + in_quotes(wanted) + did_you_mean(wanted, names) +
                                 "; this model has: " + listed(names));
}

std::string user_of(const Request& request, std::uint32_t feature) {
  for (const RequestColumn& column : request.features) {
    if (column.feature != feature) continue;
    return column.kind == Column::Kind::strings ? column.strings.front() : std::to_string(column.ids.front());
  }
  return {};
}

void check_labels(const Request& request) {
  if (request.labels.size() != request.candidate_count) {
    throw Error(request.where, "no \"label\"; eval needs one for each candidate, 0 or 1");
  }
  for (const double label : request.labels) {
    if (label != 0 && label != 1) throw Error(request.where, "\"label\": 0 or 1 expected");
  }
}

std::vector<Impression> score_labelled(RequestReader& requests, RequestScorer& scorer,
                                       std::optional<std::uint32_t> user_feature) {
  std::vector<Impression> impressions;
  std::unordered_map<std::string, std::uint32_t> users;
  Progress progress("requests scored", requests.total_bytes());
  Request request;
  while (requests.next(request)) {
    check_labels(request);
    std::uint32_t user = 0;
    if (user_feature) {
      user = users.try_emplace(user_of(request, *user_feature), static_cast<std::uint32_t>(users.size())).first->second;
    }
    const RequestScores& scores = scorer.score(request, false);
    for (std::size_t n = 0; n < request.candidate_count; ++n) {
      impressions.push_back({.score = scores.scores[n], .clicked = request.labels[n] == 1, .group = user});
    }
    progress.update(requests.bytes(), requests.lines());
  }
  return impressions;
}

void evaluate(const EvalOptions& options) {
  const Model model = open_model(options.model);
  RequestReader requests(request_shape(model), options.requests);
  const auto user_feature = find_user_feature(requests.shape(), options);
  RequestScorer scorer(model, options.model, options.isa);
  const std::vector<Impression> impressions = score_labelled(requests, scorer, user_feature);
  if (impressions.empty()) throw Error(options.requests, "holds no candidates; there is nothing to evaluate");

  Evaluation evaluation;
  evaluation.requests = requests.lines();
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
