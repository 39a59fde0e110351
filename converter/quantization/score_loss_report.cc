#include "converter/quantization/score_loss_report.h"

#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "converter/table_form.h"
#include "converter/text/number_text.h"
#include "converter/text/text_table.h"

namespace dinghy::converter {
namespace {

using Json = nlohmann::ordered_json;

std::string six_digits(std::optional<double> number, const char* format = "%.6f") {
  if (!number) return "-";
  char text[40];
  std::snprintf(text, sizeof text, format, *number);
  return text;
}

std::optional<double> difference(std::optional<double> after, std::optional<double> before) {
  return after && before ? std::optional(*after - *before) : std::nullopt;
}

TextTable::Row change_row(const ScoreChange& change, const Quality& exact) {
  const Quality& quality = change.quality;
  return {change.stored,
          short_number(change.max_distance),
          short_number(change.mean_distance),
          six_digits(quality.auc),
          six_digits(difference(quality.auc, exact.auc), "%+.6f"),
          six_digits(quality.gauc),
          six_digits(difference(quality.gauc, exact.gauc), "%+.6f"),
          six_digits(quality.log_loss)};
}

Json nullable(std::optional<double> number) { return number ? Json(*number) : Json(nullptr); }

Json quality_json(const Quality& quality) {
  return {{"auc", nullable(quality.auc)}, {"gauc", nullable(quality.gauc)}, {"log_loss", nullable(quality.log_loss)}};
}

Json change_json(const ScoreChange& change) {
  Json object = quality_json(change.quality);
  object["stored"] = change.stored;
  object["max_distance"] = change.max_distance;
  object["mean_distance"] = change.mean_distance;
  return object;
}

Json table_json(const TableReport& table) {
  return {{"name", table.name},
          {"rows", table.rows},
          {"width", table.width},
          {"stored_as", word_of(table.form)},
          {"bytes", table.bytes},
          {"relative_l2", table.error.relative_l2},
          {"worst_row", table.error.worst_row},
          {"worst_row_l2", table.error.worst_row_l2}};
}

}  // namespace

std::string score_loss_text(const ScoreLoss& loss) {
  TextTable text({"stored", "max |Δp|", "mean |Δp|", "AUC", "ΔAUC", "GAUC", "ΔGAUC", "log loss"});
  text.add({"f32", "-", "-", six_digits(loss.exact.auc), "-", six_digits(loss.exact.gauc), "-",
            six_digits(loss.exact.log_loss)});
  for (const ScoreChange& table : loss.tables) text.add(change_row(table, loss.exact));
  if (loss.attention) text.add(change_row(*loss.attention, loss.exact));
  text.add(change_row(loss.all, loss.exact));
  return "scores of " + loss.requests + " on " + loss.isa +
         (loss.lacks_integers ? ", which has no such integers" : "") + ": " + std::to_string(loss.lines) +
         " requests, " + std::to_string(loss.candidates) + " candidates\n" + text.text();
}

std::string score_loss_note(const ScoreLoss& loss) {
  std::string note = "scores of " + std::filesystem::path(loss.requests).filename().string() + ": max |Δp| " +
                     short_number(loss.all.max_distance) + ", mean " + short_number(loss.all.mean_distance);
  if (loss.exact.auc) note += ", AUC " + six_digits(loss.exact.auc) + " before, " + six_digits(loss.all.quality.auc);
  return note;
}

void add_quantization(Json& report, const std::vector<TableReport>& tables, const ScoreLoss* loss) {
  report["tables"] = Json::array();
  for (const TableReport& table : tables) report["tables"].push_back(table_json(table));
  if (loss == nullptr) return;
  Json alone = Json::array();
  for (const ScoreChange& table : loss->tables) alone.push_back(change_json(table));
  report["scores"] = {{"requests", loss->lines},
                      {"candidates", loss->candidates},
                      {"isa", loss->isa},
                      {"user_feature", loss->user_feature.empty() ? Json(nullptr) : Json(loss->user_feature)},
                      {"f32", quality_json(loss->exact)},
                      {"all_tables", change_json(loss->all)},
                      {"each_table", alone},
                      {"attention", loss->attention ? change_json(*loss->attention) : Json(nullptr)}};
}

}  // namespace dinghy::converter
