// dinghy pairs: all pairs of a catalogue's items, computed ahead.
#include <CLI/App.hpp>
#include <cstdio>
#include <memory>

#include "converter/commands/commands.h"
#include "converter/commands/options.h"
#include "converter/pairs/catalogue_memo.h"

namespace dinghy::converter {
namespace {

struct PairsOptions {
  std::string model;
  std::string items;
  std::string isa;
  std::string output;
};

void compute_pairs(const PairsOptions& options) {
  const Model model = open_model(options.model);
  const ItemList items(request_shape(model), options.items);
  const PairMemo memo = catalogue_memo(model, options.model, items, options.isa);
  write_memo(memo, options.output);
  std::printf("%zu items, %llu pairs in %zu bytes, computed by %s\n", items.size(),
              static_cast<unsigned long long>(memo.counters().kept), memo.bytes(), memo.arithmetic().data());
}

}  // namespace

void add_pairs_command(CLI::App& app) {
  auto options = std::make_shared<PairsOptions>();
  CLI::App* command =
      app.add_subcommand("pairs", "Compute all pairs of a catalogue's items ahead: a memo for the engine");
  add_model_option(*command, options->model);
  command
      ->add_option("--items", options->items,
                   "The catalogue: a line with names of features, then a line for each item, tabs between")
      ->required()
      ->type_name("FILE");
  command->add_option("-o,--output", options->output, "The memo")->required()->type_name("FILE");
  add_isa_option(*command, options->isa,
                 "Instruction set to compute on; without it DINGHY_ISA, else the best there is");
  command->callback([options] { compute_pairs(*options); });
}

}  // namespace dinghy::converter
