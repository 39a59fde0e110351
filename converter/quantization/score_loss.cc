#include "converter/quantization/score_loss.h"

#include <algorithm>
#include <cmath>

#include "converter/error.h"
#include "converter/input_file.h"
#include "converter/quantization/draft_model.h"
#include "converter/table_form.h"
#include "converter/text/number_text.h"

namespace dinghy::converter {
namespace {

using format::RowForm;

Quality quality_of(const ScoredRequests& scored, bool by_user) {
  if (!scored.labelled) return {};
  return {.auc = auc(scored.impressions),
          .gauc = by_user ? group_auc(scored.impressions).value : std::nullopt,
          .log_loss = log_loss(scored.impressions)};
}

/// Scores the same requests with one network after another.
class LossMeter {
 public:
  LossMeter(const std::string& path, const std::string& user_feature, const std::string& checkpoint,
            const std::string& output)
      : path_(path), user_feature_(user_feature), checkpoint_(checkpoint), output_(output) {
    InputFile(path, "--eval reads its requests once for each table; give a file of JSON lines");  // before any draft
  }

  ScoredRequests score(const Network& network, ScoreLoss& loss) const {
    const DraftModel draft(network, checkpoint_, output_);
    RequestReader requests(request_shape(draft.model()), path_);
    const auto user = find_user_feature(requests.shape(), user_feature_, checkpoint_);
    RequestScorer scorer(draft.model(), checkpoint_);
    loss.isa = scorer.isa();
    loss.lacks_integers = network.compute != format::Compute::f32 && !scorer.scorer().uses_integers();
    if (user) loss.user_feature = requests.shape().features[*user].name;
    return score_requests(requests, scorer, user, Labels::optional, path_);
  }

 private:
  const std::string& path_;
  const std::string& user_feature_;
  const std::string& checkpoint_;
  const std::string& output_;
};

std::vector<float> distances_of(const ScoredRequests& exact, const ScoredRequests& stored) {
  std::vector<float> distances;
  for (std::size_t i = 0; i < exact.impressions.size(); ++i) {
    distances.push_back(std::fabs(stored.impressions[i].score - exact.impressions[i].score));
  }
  return distances;
}

ScoreChange change_of(std::string what, const std::vector<float>& distances, Quality quality) {
  double sum = 0;
  for (const float distance : distances) sum += static_cast<double>(distance);
  return {.stored = std::move(what),
          .max_distance = static_cast<double>(*std::ranges::max_element(distances)),
          .mean_distance = sum / static_cast<double>(distances.size()),
          .quality = quality};
}

/// The tables that own their rows and are not stored exactly.
std::vector<std::size_t> changed_tables(const Network& exact, const Network& stored) {
  const std::vector<std::size_t> owners = owners_of_elements(exact.tables);
  std::vector<std::size_t> changed;
  for (std::size_t i = 0; i < owners.size(); ++i) {
    if (owners[i] == i && form_of(exact.tables[i]) != form_of(stored.tables[i])) changed.push_back(i);
  }
  return changed;
}

/// Both networks computed alike.
Network computed_as(const Network& network, format::Compute compute) {
  Network other = network;
  other.compute = compute;
  return other;
}

/// What the network is besides the exact one: "all tables", "attention in int8".
std::string what_changed(const Network& exact, const Network& stored) {
  if (stored.compute == exact.compute) return "all tables";
  const std::string attention = std::string("attention in ") + format::EnumNameCompute(stored.compute);
  return same_forms(exact, stored) ? attention : "all tables, " + attention;
}

Network with_one_table(const Network& exact, const Network& stored, std::size_t table) {
  Network network = exact;
  const std::vector<std::size_t> owners = owners_of_elements(exact.tables);
  for (std::size_t i = 0; i < owners.size(); ++i) {
    if (owners[i] == table) set_form(network.tables[i], form_of(stored.tables[i]));
  }
  return network;
}

}  // namespace

std::optional<double> ScoreChange::auc_loss(const Quality& exact) const {
  if (!exact.auc || !quality.auc) return std::nullopt;
  return *exact.auc - *quality.auc;
}

ScoreLoss measure_score_loss(const Network& exact, const Network& stored, const std::string& path,
                             const std::string& user_feature, const std::string& checkpoint,
                             const std::string& output) {
  ScoreLoss loss;
  loss.requests = path;
  const LossMeter meter(path, user_feature, checkpoint, output);
  const ScoredRequests before = meter.score(exact, loss);
  const bool by_user = !loss.user_feature.empty();
  loss.lines = before.requests;
  loss.candidates = before.impressions.size();
  loss.exact = quality_of(before, by_user);
  const std::vector<std::size_t> changed = changed_tables(exact, stored);
  for (const std::size_t table : changed) {
    if (changed.size() == 1 && stored.compute == exact.compute) break;
    const ScoredRequests alone = meter.score(with_one_table(exact, stored, table), loss);
    loss.tables.push_back(change_of(stored.tables[table].name + " alone as " + word_of(form_of(stored.tables[table])),
                                    distances_of(before, alone), quality_of(alone, by_user)));
  }
  if (stored.compute != exact.compute && !changed.empty()) {
    const ScoredRequests alone = meter.score(computed_as(exact, stored.compute), loss);
    loss.attention = change_of(std::string("attention alone in ") + format::EnumNameCompute(stored.compute),
                               distances_of(before, alone), quality_of(alone, by_user));
  }
  const ScoredRequests after = meter.score(stored, loss);
  loss.distances = distances_of(before, after);
  loss.all = change_of(what_changed(exact, stored), loss.distances, quality_of(after, by_user));
  return loss;
}

void require_auc_loss(const ScoreLoss& loss, double limit) {
  const std::optional<double> lost = loss.all.auc_loss(loss.exact);
  if (!lost) throw Error(loss.requests, "has no AUC to hold --max-auc-loss against; it takes labels of 0 and of 1");
  if (*lost <= limit) return;
  std::string most;
  double worst = -1;
  std::vector<ScoreChange> parts = loss.tables;
  if (loss.attention) parts.push_back(*loss.attention);
  for (const ScoreChange& part : parts) {
    if (const auto one = part.auc_loss(loss.exact); one && *one > worst) {
      worst = *one;
      most = "; " + part.stored + " loses " + short_number(*one);
    }
  }
  throw Error(loss.requests, "the AUC falls by " + short_number(*lost) + ", more than --max-auc-loss " +
                                 short_number(limit) + most +
                                 "; store tables in more bytes with --tables, compute with --compute f32");
}

}  // namespace dinghy::converter
