#include "converter/calibration/calibration.h"

#include <cmath>
#include <filesystem>
#include <span>

#include "converter/error.h"
#include "converter/model_file/tower_order.h"
#include "converter/model_file/writer.h"
#include "converter/presets/layers.h"
#include "converter/requests/request_scorer.h"
#include "engine/reference/layers.h"
#include "engine/scoring/scorer_data.h"
#include "engine/scoring/user_data.h"

namespace dinghy::converter {
namespace {

constexpr std::size_t kMaxRows = 200'000;  // a few hundred MB of tower inputs

/// The input of one layer of the tower for all rows.
struct Rows {
  std::size_t width = 0;
  Vector values;  // row by row

  std::size_t count() const { return values.size() / width; }
  std::span<double> row(std::size_t i) { return std::span(values).subspan(i * width, width); }
};

/// The tower's inputs of all candidates, by the engine's scalar double forward.
Rows tower_inputs(const Model& model, const std::string& path) {
  RequestReader reader(request_shape(model), path);
  RequestScorer scorer(model, path, {.isa = "reference"});
  Rows rows{model.internal().tower.width, {}};
  for (Request request; reader.next(request);) {
    scorer.score(request, false);
    const Scorer::Data& data = *scorer.scorer().internal();
    for (std::size_t n = 0; n < data.candidates.count; ++n) {
      const double* input =
          reference::tower_input(model.internal(), scorer.user().internal()->user(), data.candidates.at(n),
                                 data.reference.numbers, data.reference.attention);
      rows.values.insert(rows.values.end(), input, input + rows.width);
    }
    if (rows.count() > kMaxRows) throw Error(request.where, "brings over 200000 candidates; calibrate with fewer");
  }
  if (rows.count() < 2) throw Error(path, "holds fewer than two candidates; statistics need more");
  return rows;
}

/// What the normalization is with the statistics of these rows.
Affine freeze(const BatchNorm& norm, Rows& rows) {
  Affine frozen{Vector(rows.width), Vector(rows.width)};
  const double count = static_cast<double>(rows.count());
  for (std::size_t i = 0; i < rows.width; ++i) {
    double mean = 0, variance = 0;
    for (std::size_t r = 0; r < rows.count(); ++r) mean += rows.row(r)[i];
    mean /= count;
    for (std::size_t r = 0; r < rows.count(); ++r) variance += std::pow(rows.row(r)[i] - mean, 2);
    variance /= count;
    frozen.scale[i] = 1 / (std::sqrt(variance + norm.variance_epsilon) + norm.deviation_epsilon);
    frozen.shift[i] = -mean * frozen.scale[i];
  }
  return frozen;
}

Rows through(const Layer& layer, Rows& rows) {
  Rows next{width_of(layer), Vector(rows.count() * width_of(layer))};
  for (std::size_t r = 0; r < rows.count(); ++r) {
    const std::span<const double> x = rows.row(r);
    const std::span<double> y = next.row(r);
    for (std::size_t out = 0; out < next.width; ++out) y[out] = layer.bias.empty() ? 0 : layer.bias[out];
    for (std::size_t in = 0; in < rows.width; ++in) {
      for (std::size_t out = 0; out < next.width; ++out) y[out] += x[in] * layer.weight.at(in, out);
    }
  }
  return next;
}

/// The activation as the engine will compute it, its vectors in float.
void activate(const Activation& activation, Rows& rows) {
  const auto floats = [](const Vector& values) { return std::vector<float>(values.begin(), values.end()); };
  const std::vector<float> scale = floats(activation.scale), shift = floats(activation.shift),
                           alpha = floats(activation.alpha);
  const kernels::Activation bound{static_cast<kernels::ActivationKind>(activation.kind),
                                  static_cast<float>(activation.slope),
                                  static_cast<float>(activation.epsilon),
                                  scale.data(),
                                  shift.data(),
                                  alpha.data()};
  for (std::size_t r = 0; r < rows.count(); ++r) {
    reference::activate(bound, rows.row(r).data(), rows.width);
  }
}

void freeze_tower(Conversion& conversion, Rows rows) {
  std::vector<Layer>& tower = conversion.network.tower;
  for (std::size_t l = 0; l < tower.size(); ++l) {
    for (const BatchNorm& norm : conversion.batch_norms) {
      if (norm.layer == l && norm.place == BatchNorm::Place::input) fold_before(tower[l], freeze(norm, rows));
    }
    rows = through(tower[l], rows);
    for (const BatchNorm& norm : conversion.batch_norms) {
      if (norm.layer != l || norm.place != BatchNorm::Place::gate) continue;
      Affine frozen = freeze(norm, rows);
      tower[l].activation.scale = std::move(frozen.scale);
      tower[l].activation.shift = std::move(frozen.shift);
    }
    activate(tower[l].activation, rows);
  }
  conversion.batch_norms.clear();
}

}  // namespace

void calibrate(Conversion& conversion, const std::string& path, const std::string& output) {
  move_user_parts_first(conversion.network);  // as the model that is written has them
  OutputFile file(output);
  write_model(conversion.network, {}, {}, file);
  const Result<Model> model = Model::open(file.temporary_path().c_str());
  if (!model.ok()) throw Error(output, std::string("would not open: ") + model.status().message());
  Rows rows = tower_inputs(*model, path);
  conversion.found("statistics of the batch",
                   "frozen: mean and variance over the " + std::to_string(rows.count()) + " candidates of " +
                       std::filesystem::path(path).filename().string(),
                   Certainty::companion);
  freeze_tower(conversion, std::move(rows));
}

}  // namespace dinghy::converter
