// dinghy-bench MODEL: how fast a model is on this machine, and what it costs. Exit status: 0, 1 for bad input, 2 for
// bad usage.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cstdio>
#include <exception>
#include <map>

#include "bench/dinghy_bench/measurement.h"
#include "bench/dinghy_bench/output.h"
#include "bench/dinghy_bench/sizes.h"
#include "bench/requests/request_drawer.h"
#include "converter/commands/options.h"
#include "converter/error.h"
#include "converter/model_file/output_file.h"
#include "converter/text/progress.h"
#include "dinghy/scorer.h"

namespace dinghy::bench {
namespace {

// More rows than caches hold, so that ids are as fresh as a stream's.
constexpr std::size_t kDrawnRequests = 256;

struct Options {
  std::string model;
  std::string candidates = "100";
  std::string history;
  std::string requests;
  std::vector<PageState> states = {PageState::hot, PageState::page_cache, PageState::cold};
  MeasureOptions measure;
  std::uint64_t seed = 1;
  bool json = false;
  std::string plot;
};

std::vector<PreparedRequest> read_requests(const Model& model, const std::string& path) {
  converter::RequestReader reader(converter::request_shape(model), path);
  std::vector<PreparedRequest> requests;
  for (converter::Request request; reader.next(request); request = {}) requests.emplace_back(std::move(request));
  if (requests.empty()) throw converter::Error(path, "has no request");
  return requests;
}

std::vector<PreparedRequest> draw_requests(const Model& model, std::size_t candidates, std::size_t history,
                                           std::uint64_t seed) {
  RequestDrawer drawer(model, seed);
  std::vector<PreparedRequest> requests;
  for (std::size_t i = 0; i < kDrawnRequests; ++i) requests.emplace_back(drawer.draw(candidates, history));
  return requests;
}

/// The requests of every measurement: those of a file, or one set for each pair of sizes.
std::vector<std::vector<PreparedRequest>> all_requests(const Model& model, const Options& options) {
  std::vector<std::vector<PreparedRequest>> all;
  if (!options.requests.empty()) {
    all.push_back(read_requests(model, options.requests));
    return all;
  }
  const std::size_t trained = model.trained_history();
  const std::string history = options.history.empty() ? std::to_string(trained ? trained : 100) : options.history;
  for (const std::size_t t : parse_sizes("--history", history)) {
    for (const std::size_t n : parse_sizes("--candidates", options.candidates)) {
      all.push_back(draw_requests(model, n, t, options.seed));
    }
  }
  return all;
}

std::string isa_name(const Model& model, const std::string& asked) {
  auto scorer = Scorer::create(model, {.max_candidates = 1, .max_history = 1, .isa = asked});
  if (!scorer.ok()) throw converter::Error("--isa", scorer.status().message());
  return std::string(scorer->isa());
}

void write_plot(const std::string& path, const Report& report) {
  const std::string svg = svg_of(report);
  converter::OutputFile file(path);
  file.write(std::as_bytes(std::span(svg)));
  file.commit();
}

void run(const Options& options) {
  const Model model = converter::open_model(options.model);
  const auto sets = all_requests(model, options);
  Report report{options.model,
                isa_name(model, options.measure.isa),
                measure_load(options.model, sets[0][0], options.measure),
                {}};
  {
    converter::Progress progress("measurements", sets.size() * options.states.size());
    for (const PageState state : options.states) {
      for (const auto& requests : sets) {
        report.measurements.push_back(measure(model, options.model, requests, state, options.measure));
        progress.update(report.measurements.size(), report.measurements.size());
      }
    }
  }
  if (!options.plot.empty()) write_plot(options.plot, report);
  std::fputs((options.json ? json_of(report) : text_of(report)).c_str(), stdout);
  if (std::fflush(stdout) != 0) throw converter::Error("standard output", "cannot be written");
}

void add_options(CLI::App& app, Options& options) {
  const std::map<std::string, PageState> states = {{"hot", PageState::hot},
                                                   {"page-cache", PageState::page_cache},
                                                   {"cold", PageState::cold},
                                                   {"no-advice", PageState::unadvised}};
  converter::add_model_option(app, options.model);
  auto* candidates =
      app.add_option("--candidates", options.candidates, "Candidates of a request: 100, 1,10,100 or 10..200");
  auto* history = app.add_option("--history", options.history,
                                 "Behaviours of a request, likewise; without it the longest that training saw, or 100");
  app.add_option("--requests", options.requests, "Requests from a file, one JSON object a line, instead of drawn ones")
      ->type_name("FILE")
      ->excludes(candidates, history);
  app.add_option(
         "--pages", options.states,
         "Where the model's pages are when a request comes: hot, page-cache, cold (these three unless given), or "
         "no-advice: cold, and the system guesses what to read; name it last, it stays so")
      ->transform(CLI::CheckedTransformer(states))
      ->delimiter(',');
  app.add_flag("--prefetch", options.measure.prefetch,
               "Ask for the rows of a request before scoring it, within its time");
  app.add_option("--seconds", options.measure.seconds, "Time for each measurement")
      ->check(CLI::Range(0.01, 3600.0))
      ->capture_default_str();
  app.add_option("--seed", options.seed, "Of the drawn requests")->capture_default_str();
  converter::add_isa_option(app, options.measure.isa,
                            "Instruction set to run on; without it DINGHY_ISA, else the best there is");
  app.add_flag("--json", options.json, "Print JSON instead of a table");
  app.add_option("--plot", options.plot, "Write latencies against sizes, and their distribution, as an SVG")
      ->type_name("FILE");
}

}  // namespace
}  // namespace dinghy::bench

int main(int argc, char** argv) {
  CLI::App app("Measures a .dinghy model on this machine: latency, throughput, page faults, memory and load time.",
               "dinghy-bench");
  dinghy::bench::Options options;
  dinghy::bench::add_options(app, options);
  try {
    app.parse(argc, argv);
    dinghy::bench::run(options);
    return 0;
  } catch (const CLI::Success& success) {  // --help
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    std::fprintf(stderr, "dinghy-bench: %s; `dinghy-bench --help` lists the options\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "dinghy-bench: %s\n", error.what());
    return 1;
  }
}
