#include "converter/presets/codes/onnx/graph_score.h"

#include <algorithm>

#include "converter/error.h"
#include "converter/presets/codes/onnx/operations.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

// Extents that stand for "any": prime and unlike what networks have, so that a reshape cannot mistake one for another.
constexpr std::int64_t kStandIns[] = {89, 97, 83, 79, 101, 103, 107, 109, 113, 127};

class Walk {
 public:
  Walk(const Checkpoint& checkpoint, Expressions& expressions) : checkpoint_(checkpoint), graph_(*checkpoint.graph) {
    setting_.path = checkpoint.path;
    setting_.opset = graph_.opset;
    setting_.expressions = &expressions;
    if (graph_.outputs.empty()) throw Error(checkpoint.path, "has a graph without outputs");
    choose_stand_ins();
    find_live_nodes();
  }

  // Which extents are histories shows on the way, where ids are looked up, and which floats are masks, where they meet
  // these; what stands before needs to know it.
  GraphScore score() {
    constexpr int kMaxWalks = 8;
    for (int walk = 0; walk < kMaxWalks; ++walk) {
      const auto known = [&] { return setting_.times.size() + setting_.marks.size(); };
      const std::size_t before = known();
      try {
        const GraphScore score = walk_once();
        if (known() == before) return score;
      } catch (const Error&) {
        if (known() == before) throw;
      }
    }
    throw Error(checkpoint_.path, "has histories of more different lengths than any Deep Interest Network");
  }

 private:
  void choose_stand_ins() {
    std::set<std::int64_t> taken;
    for (const Tensor& tensor : checkpoint_.tensors) taken.insert(tensor.shape.begin(), tensor.shape.end());
    for (const GraphInput& input : graph_.inputs) taken.insert(input.shape.begin(), input.shape.end());
    std::vector<std::int64_t> free;
    for (const std::int64_t extent : kStandIns) {
      if (!taken.contains(extent)) free.push_back(extent);
    }
    if (free.size() < 2) throw Error(checkpoint_.path, "has tensors of every extent that could stand for the batch");
    batch_ = free[0];
    length_ = free[1];
  }

  void find_live_nodes() {
    std::set<std::string> wanted = {graph_.outputs[0]};
    for (auto node = graph_.nodes.rbegin(); node != graph_.nodes.rend(); ++node) {
      const bool live = std::ranges::any_of(node->outputs, [&](const auto& name) { return wanted.contains(name); });
      if (!live) continue;
      live_.push_back(&*node);
      wanted.insert(node->inputs.begin(), node->inputs.end());
    }
    std::ranges::reverse(live_);
    for (const Tensor& tensor : checkpoint_.tensors) {
      if (wanted.contains(tensor.name)) tensors_.insert(tensor.name);
    }
  }

  // [rows] or [rows, columns]; a graph exported for a fixed number of rows has that number in its shapes.
  ExpressionArray input_array(const GraphInput& input) {
    if (input.shape.empty() || input.shape.size() > 2) {
      throw Error(checkpoint_.path, "the input " + in_quotes(input.name) + " has " +
                                        std::to_string(input.shape.size()) + " dimensions, not [rows, columns]");
    }
    setting_.batch = input.shape[0] > 0 ? input.shape[0] : batch_;
    ExpressionArray array;
    array.dimensions.push_back(setting_.batch == 1 ? Dimension{} : Dimension{{Axis::Kind::batch, setting_.batch}});
    const bool by_place = input.integer || setting_.marks.contains(input.name);
    std::int64_t columns = 1;
    if (input.shape.size() == 2) {
      columns = input.shape[1] > 0 ? input.shape[1] : length_;
      const Axis::Kind kind = by_place ? Axis::Kind::time : Axis::Kind::channel;
      array.dimensions.push_back(columns == 1 ? Dimension{} : Dimension{{kind, columns, 1}});
    }
    const auto count = static_cast<std::size_t>(columns);
    if (by_place && columns > 1) {
      setting_.times.insert(columns);
      array.expression = setting_.expressions->input(input.name, 0, 1, count);
    } else {
      array.expression = setting_.expressions->input(input.name, 0, count, 0);
    }
    return array;
  }

  GraphScore walk_once() {
    std::map<std::string, GraphArray> arrays;
    GraphScore result;
    result.tensors = tensors_;
    for (const GraphInput& input : graph_.inputs) arrays[input.name] = input_array(input);
    for (const Tensor& tensor : checkpoint_.tensors) arrays[tensor.name] = &tensor;
    for (const GraphNode* node : live_) {
      std::vector<const GraphArray*> inputs;
      for (const std::string& name : node->inputs) {
        const auto found = arrays.find(name);
        if (!name.empty() && found == arrays.end()) {
          NodeReader(*node, {}, setting_).fail("reads " + in_quotes(name) + ", which nothing before it computes");
        }
        inputs.push_back(name.empty() ? nullptr : &found->second);
      }
      NodeReader reader(*node, std::move(inputs), setting_);
      std::vector<GraphArray> outputs = compute(reader);
      for (std::size_t i = 0; i < outputs.size() && i < node->outputs.size(); ++i) {
        if (const auto* array = std::get_if<ExpressionArray>(&outputs[i])) {
          result.places.try_emplace(array->expression, place_of(*node));
        }
        arrays[node->outputs[i]] = std::move(outputs[i]);
      }
    }
    const auto output = arrays.find(graph_.outputs[0]);
    const auto* score = output == arrays.end() ? nullptr : std::get_if<ExpressionArray>(&output->second);
    if (!score) throw Error(checkpoint_.path, "its output " + in_quotes(graph_.outputs[0]) + " depends on no input");
    result.expression = score->expression;
    return result;
  }

  const Checkpoint& checkpoint_;
  const Graph& graph_;
  GraphSetting setting_;
  std::int64_t batch_ = 0, length_ = 0;
  std::vector<const GraphNode*> live_;
  std::set<std::string> tensors_;
};

}  // namespace

GraphScore read_graph_score(const Checkpoint& checkpoint, Expressions& expressions) {
  return Walk(checkpoint, expressions).score();
}

}  // namespace dinghy::converter
