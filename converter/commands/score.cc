// dinghy score: one JSON line in, one out, in order.
#include <CLI/App.hpp>
#include <memory>

#include "converter/commands/commands.h"
#include "converter/commands/options.h"
#include "converter/requests/request_scorer.h"
#include "converter/requests/score_line.h"
#include "converter/text/line_output.h"
#include "converter/text/progress.h"

namespace dinghy::converter {
namespace {

struct ScoreOptions {
  std::string model;
  std::string requests;
  std::string isa;
  std::string output;
  bool attention = false;
};

void score_requests(const ScoreOptions& options) {
  const Model model = open_model(options.model);
  RequestReader requests(request_shape(model), options.requests);
  RequestScorer scorer(model, options.model, {.isa = options.isa, .integers = Integers::when_faster});
  LineOutput output(options.output);
  Progress progress("requests scored", requests.total_bytes());
  // Whoever writes requests into a pipe may wait for each answer.
  const bool interactive = options.requests == "-";
  Request request;
  while (requests.next(request)) {
    output.write(score_line(scorer.score(request, options.attention), options.attention));
    if (interactive) output.flush();
    progress.update(requests.bytes(), requests.lines());
  }
  output.flush();
}

}  // namespace

void add_score_command(CLI::App& app) {
  auto options = std::make_shared<ScoreOptions>();
  CLI::App* command = app.add_subcommand("score", "Score requests: one JSON line in, one out");
  add_model_option(*command, options->model);
  add_requests_option(*command, options->requests, "Requests, one JSON object a line; - is standard input");
  command->add_flag("--attention", options->attention, "Print the weights of the behaviours too");
  add_isa_option(*command, options->isa, "Instruction set to run on; without it DINGHY_ISA, else the best there is");
  command->add_option("-o,--output", options->output, "Write to this file instead of standard output")
      ->type_name("FILE");
  command->callback([options] { score_requests(*options); });
}

}  // namespace dinghy::converter
