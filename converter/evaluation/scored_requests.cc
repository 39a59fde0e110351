#include "converter/evaluation/scored_requests.h"

#include <algorithm>
#include <unordered_map>

#include "converter/error.h"
#include "converter/text/progress.h"
#include "converter/text/quotes.h"
#include "converter/text/suggestion.h"

namespace dinghy::converter {
namespace {

bool can_tell_users_apart(const RequestShape::Feature& feature) {
  return feature.role == Role::user && feature.kind == FeatureKind::id;
}

std::string user_of(const Request& request, std::uint32_t feature) {
  for (const RequestColumn& column : request.features) {
    if (column.feature != feature) continue;
    return column.kind == Column::Kind::strings ? column.strings.front() : std::to_string(column.ids.front());
  }
  return {};
}

/// `labelled`: whether the candidates of the lines before have labels.
void check_labels(const Request& request, Labels labels, bool labelled) {
  const bool missing = request.labels.size() != request.candidate_count;
  if (missing && labels == Labels::required) {
    throw Error(request.where, "no \"label\"; eval needs one for each candidate, 0 or 1");
  }
  if (request.candidate_count > 0 && missing == labelled) {
    throw Error(request.where, missing ? "no \"label\", but the lines before have one; label all lines or none"
                                       : "a \"label\", but the lines before have none; label all lines or none");
  }
  for (const double label : request.labels) {
    if (label != 0 && label != 1) throw Error(request.where, "\"label\": 0 or 1 expected");
  }
}

}  // namespace

std::optional<std::uint32_t> find_user_feature(const RequestShape& shape, const std::string& wanted,
                                               const std::string& path) {
  std::vector<std::string> names;
  for (const auto& feature : shape.features) {
    if (can_tell_users_apart(feature)) names.push_back(feature.name);
  }
  std::string name = wanted;
  for (const char* usual : {"user_id", "user"}) {
    if (name.empty() && std::find(names.begin(), names.end(), usual) != names.end()) name = usual;
  }
  if (name.empty() && names.size() == 1) name = names.front();
  if (name.empty()) return std::nullopt;
  for (std::uint32_t i = 0; i < shape.features.size(); ++i) {
    if (shape.features[i].name == name && can_tell_users_apart(shape.features[i])) return i;
  }
  throw Error(path, "--user-feature: no user id feature " + in_quotes(name) + did_you_mean(name, names) +
                        "; this model has: " + listed(names));
}

ScoredRequests score_requests(RequestReader& requests, RequestScorer& scorer, std::optional<std::uint32_t> user_feature,
                              Labels labels, const std::string& path) {
  ScoredRequests scored;
  std::unordered_map<std::string, std::uint32_t> users;
  Progress progress("requests scored", requests.total_bytes());
  Request request;
  while (requests.next(request)) {
    if (scored.impressions.empty()) scored.labelled = !request.labels.empty();
    check_labels(request, labels, scored.labelled);
    std::uint32_t user = 0;
    if (user_feature) {
      user = users.try_emplace(user_of(request, *user_feature), static_cast<std::uint32_t>(users.size())).first->second;
    }
    const RequestScores& scores = scorer.score(request, false);
    for (std::size_t n = 0; n < request.candidate_count; ++n) {
      scored.impressions.push_back(
          {.score = scores.scores[n], .clicked = scored.labelled && request.labels[n] == 1, .group = user});
    }
    progress.update(requests.bytes(), requests.lines());
  }
  if (scored.impressions.empty()) throw Error(path, "holds no candidates; there is nothing to evaluate");
  scored.requests = requests.lines();
  return scored;
}

}  // namespace dinghy::converter
