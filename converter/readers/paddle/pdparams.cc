#include "converter/readers/paddle/pdparams.h"

#include <algorithm>
#include <array>

#include "converter/error.h"
#include "converter/readers/mapped_file.h"
#include "converter/readers/numpy/pickled_array.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

constexpr std::string_view kNames = "StructuredToParameterName@@";  // key -> the parameter's own name
constexpr std::string_view kSlices = "UnpackBigParamInfor@@";       // arrays that protocol 2 and 3 cut into pieces
constexpr std::array<std::string_view, 3> kWrappers{"model", "state_dict", "model_state_dict"};
constexpr int kMaxWrappers = 2;

bool is_call(const Pickle& pickle, const PickleNode& node, std::string_view builtin) {
  const std::string name = pickle.name_of(node);
  return node.kind == PickleKind::object &&
         (name == "builtins." + std::string(builtin) || name == "__builtin__." + std::string(builtin));
}

const PickleNode* argument(const Pickle& pickle, const PickleNode& call, std::size_t index) {
  const PickleNode& arguments = pickle[call.items[1]];
  return index < arguments.items.size() ? &pickle[arguments.items[index]] : nullptr;
}

// A value of the dict: the array, and the parameter's own name where it has one.
struct Parameter {
  const PickleNode* array = nullptr;
  std::string_view name;
};

// tuple((name, array)), as paddle.save reduces a tensor inside a larger object.
Parameter named_parameter(const Pickle& pickle, const PickleNode& call) {
  const PickleNode* pair = argument(pickle, call, 0);
  if (!pair || pair->kind != PickleKind::tuple || pair->items.size() != 2) return {};
  const PickleNode& name = pickle[pair->items[0]];
  const PickleNode& array = pickle[pair->items[1]];
  if (name.kind != PickleKind::text || !is_pickled_array(pickle, array)) return {};
  return {&array, name.text};
}

// eval('data', {'data': array}), Paddle's way to write a LoDTensor. Python would evaluate the text; here it has to be
// that one word, and its value is taken out of the dict. Any other text is a program.
Parameter evaluated_parameter(const Pickle& pickle, const PickleNode& call, const std::string& where) {
  const PickleNode* text = argument(pickle, call, 0);
  const PickleNode* values = argument(pickle, call, 1);
  const PickleNode* array = values ? pickle.find(*values, "data") : nullptr;
  if (!text || text->kind != PickleKind::text || text->text != "data" || !array || !is_pickled_array(pickle, *array)) {
    throw Error(where,
                "the pickle asks to evaluate a text, which no checkpoint needs: do not load this file, here or "
                "in Python; nothing was run");
  }
  return {array, {}};
}

Parameter parameter_of(const Pickle& pickle, const PickleNode& value, const std::string& where) {
  if (is_pickled_array(pickle, value)) return {&value, {}};
  if (is_call(pickle, value, "tuple")) return named_parameter(pickle, value);
  if (is_call(pickle, value, "eval")) return evaluated_parameter(pickle, value, where);
  return {};
}

void add_parameters(const Pickle& pickle, const PickleNode& dict, Checkpoint& checkpoint) {
  for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
    const PickleNode& key = pickle[dict.items[i]];
    if (key.kind != PickleKind::text) continue;
    const std::string name(key.text);
    const std::string where = checkpoint.path + ": tensor " + in_quotes(name);
    const Parameter parameter = parameter_of(pickle, pickle[dict.items[i + 1]], where);
    if (!parameter.array) continue;
    // Paddle has no 16-bit unsigned parameters: NumPy lacks bfloat16, so it hands the bits out as such.
    checkpoint.tensors.push_back(read_pickled_array(pickle, *parameter.array, name, DType::bf16, where));
    if (!parameter.name.empty()) checkpoint.facts.emplace_back("parameter." + name, parameter.name);
  }
}

void add_names(const Pickle& pickle, const PickleNode& names, Checkpoint& checkpoint) {
  if (names.kind != PickleKind::dict) return;
  for (std::size_t i = 0; i + 1 < names.items.size(); i += 2) {
    const PickleNode& key = pickle[names.items[i]];
    const PickleNode& name = pickle[names.items[i + 1]];
    if (key.kind != PickleKind::text || name.kind != PickleKind::text) continue;
    checkpoint.facts.emplace_back("parameter." + std::string(key.text), name.text);
  }
}

void read_object(const Pickle& pickle, const PickleNode& dict, int depth, Checkpoint& checkpoint) {
  if (dict.kind != PickleKind::dict) return;
  if (pickle.find(dict, kSlices)) {
    throw Error(checkpoint.path,
                "has tables in slices, as pickle protocols 2 and 3 need them; load and save it again "
                "with paddle.save(…, protocol=4)");
  }
  for (const std::string_view wrapper : kWrappers) {
    const PickleNode* inner = depth > 0 ? pickle.find(dict, wrapper) : nullptr;
    if (inner && inner->kind == PickleKind::dict) return read_object(pickle, *inner, depth - 1, checkpoint);
  }
  add_parameters(pickle, dict, checkpoint);
  if (const PickleNode* names = pickle.find(dict, kNames)) add_names(pickle, *names, checkpoint);
}

}  // namespace

bool is_bare_pickle(std::string_view head) {
  return head.size() > 2 && head[0] == '\x80' && head[1] >= 2 && head[1] <= 5;
}

Checkpoint read_pdparams(const std::string& path) {
  const auto file = std::make_shared<const MappedFile>(path);
  const Pickle pickle = Pickle::parse(file->bytes(), file, 0, path, "eval");
  Checkpoint checkpoint{path, "paddle pdparams", {}, {}};
  read_object(pickle, pickle[pickle.root()], kMaxWrappers, checkpoint);
  if (checkpoint.tensors.empty()) {
    throw Error(path,
                "is a bare pickle without arrays by name; paddle.save(model.state_dict(), PATH) writes one with "
                "them, torch.save another format, and others can save their weights as .npz");
  }
  return checkpoint;
}

}  // namespace dinghy::converter
