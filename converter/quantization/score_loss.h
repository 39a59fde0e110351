// What a model's scores lose when its tables are stored in fewer bytes, or its attention is computed in integers: the
// same requests through both.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "converter/evaluation/scored_requests.h"
#include "converter/network.h"

namespace dinghy::converter {

/// How good scores are; nothing where the requests have no labels or no two classes.
struct Quality {
  std::optional<double> auc, gauc, log_loss;
};

/// The scores of one way to store the tables beside those of f32.
struct ScoreChange {
  std::string stored;       // "all tables", "item alone as i8"
  double max_distance = 0;  // |Δp|
  double mean_distance = 0;
  Quality quality;

  /// Of `exact`, how much AUC is lost; negative for a gain.
  std::optional<double> auc_loss(const Quality& exact) const;
};

struct ScoreLoss {
  std::string requests;  // the file
  std::uint64_t lines = 0;
  std::uint64_t candidates = 0;
  std::string isa;
  bool lacks_integers = false;  // the stored network names integers that this ISA has not: it was computed in floats
  std::string user_feature;     // of GAUC; empty: none
  Quality exact;
  ScoreChange all;
  std::vector<ScoreChange> tables;       // each table alone, where more than one is not f32 or the attention neither
  std::optional<ScoreChange> attention;  // in integers alone, where tables are not f32 either
  std::vector<float> distances;          // |Δp| of every candidate with all tables, in order
};

/// Scores the requests at `path` with models beside `output`, one after another, none of which stays. `user_feature` as
/// for find_user_feature.
ScoreLoss measure_score_loss(const Network& exact, const Network& stored, const std::string& path,
                             const std::string& user_feature, const std::string& checkpoint, const std::string& output);

/// Throws Error when the AUC falls by more than `limit`, or when there is none; names the table that costs the most.
void require_auc_loss(const ScoreLoss& loss, double limit);

}  // namespace dinghy::converter
