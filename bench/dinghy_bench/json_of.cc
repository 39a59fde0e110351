#include <nlohmann/json.hpp>

#include "bench/dinghy_bench/output.h"

namespace dinghy::bench {
namespace {

using Json = nlohmann::ordered_json;

Json json(const Times& times) {
  return {{"p50", times.percentile(0.5)},
          {"p90", times.percentile(0.9)},
          {"p99", times.percentile(0.99)},
          {"p99.9", times.percentile(0.999)},
          {"fastest", times.percentile(0)}};
}

Json json(const std::vector<Step>& steps) {
  Json json = Json::object();
  for (const Step& step : steps) json[step.name] = step.microseconds;
  return json;
}

Json json(const Measurement& m) {
  return {{"candidates", m.candidates},     {"history", m.history},
          {"pages", name_of(m.state)},      {"requests", m.request.sorted().size()},
          {"request_us", json(m.request)},  {"set_us", json(m.set)},
          {"score_us", json(m.score)},      {"candidates_per_second", m.candidates_per_second},
          {"minor_faults", m.minor_faults}, {"major_faults", m.major_faults},
          {"steps_us", json(m.steps)}};
}

}  // namespace

std::string json_of(const Report& report) {
  Json measurements = Json::array();
  for (const Measurement& m : report.measurements) measurements.push_back(json(m));
  const Load& load = report.load;
  const Json root = {{"model", report.model},
                     {"isa", report.isa},
                     {"load",
                      {{"open_us", json(load.open)},
                       {"create_us", json(load.create)},
                       {"rss_anon_bytes", load.memory.anonymous},
                       {"rss_file_bytes", load.memory.file}}},
                     {"measurements", measurements}};
  return root.dump(2) + "\n";
}

}  // namespace dinghy::bench
