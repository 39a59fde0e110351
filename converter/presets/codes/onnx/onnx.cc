// Any DIN that a framework exported as ONNX: the network is read off the graph, not off the names of its tensors.
#include "converter/graph.h"
#include "converter/presets/codes/onnx/graph_tower.h"
#include "converter/presets/features.h"
#include "converter/presets/inputs.h"
#include "converter/presets/presets.h"

namespace dinghy::converter {
namespace {

void collect_tables(const Expression* of, std::set<const Expression*>& seen, std::set<std::string>& tables) {
  if (!seen.insert(of).second) return;
  if (of->kind == ExpressionKind::rows) tables.insert(of->name);
  for (const Expression* arg : of->args) collect_tables(arg, seen, tables);
}

// Weights were read into expressions; tables are claimed when they become tables.
void claim_tensors(Conversion& conversion, const GraphScore& score) {
  std::set<const Expression*> seen;
  std::set<std::string> tables;
  collect_tables(score.expression, seen, tables);
  for (const Tensor& tensor : conversion.checkpoint.tensors) {
    if (!score.tensors.contains(tensor.name)) {
      conversion.claims.ignore(tensor.name, "no node on the way to the score reads it");
    } else if (!tables.contains(tensor.name)) {
      conversion.claims.take(tensor.name);
    }
  }
}

void refuse_stated_knobs(const Conversion& conversion) {
  const Recipe& recipe = conversion.recipe;
  if (recipe.attention.softmax || recipe.attention.scale || recipe.attention.activation || recipe.tower.activation ||
      recipe.epsilon.dice || recipe.epsilon.batch_norm) {
    throw Error(recipe.path, "[attention], [tower] and [epsilon] state what the graph of " +
                                 conversion.checkpoint.path + " holds itself; leave them out");
  }
}

// A mask that reads ids names that of padding; a length or a mask of its own leaves it open.
Certainty padding_certainty(const Conversion& conversion) {
  const auto& histories = conversion.network.sequences;
  const bool by_ids = !histories.empty() && histories[0].mask != format::Mask::length;
  return by_ids ? Certainty::file : Certainty::assumed;
}

void build(Conversion& conversion) {
  refuse_stated_knobs(conversion);
  Expressions expressions(conversion.checkpoint.path);
  const GraphScore score = read_graph_score(conversion.checkpoint, expressions);
  claim_tensors(conversion, score);
  add_graph_tower({conversion, score, expressions});
  check_inputs(conversion);
  report_roles(conversion, roles_certainty(conversion), Certainty::file, padding_certainty(conversion));
}

bool recognises(const Checkpoint& checkpoint) { return checkpoint.graph != nullptr; }

}  // namespace

extern const Preset kOnnx = {"onnx", "a framework's ONNX export", recognises, build, "an ONNX graph"};

}  // namespace dinghy::converter
