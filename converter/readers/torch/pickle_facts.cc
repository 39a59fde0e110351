#include "converter/readers/torch/pickle_facts.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "converter/readers/numpy/pickled_array.h"
#include "converter/readers/numpy/pickled_scalar.h"
#include "converter/text/number_text.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

constexpr int kMaxDepth = 64;  // a module takes three levels: object, attributes, _modules
constexpr std::size_t kMaxFacts = 4096;
constexpr std::size_t kMaxVisits = 200'000;  // of values, shared ones counted each time they are met
constexpr std::size_t kMaxItems = 256;       // of one container
constexpr std::size_t kMaxText = 4096;

constexpr std::size_t kMaxUnread = 16 << 20;  // bytes of paths

std::string number(double value) {
  if (!std::isfinite(value)) return std::isnan(value) ? "\"nan\"" : value > 0 ? "\"inf\"" : "\"-inf\"";
  return number_text(value);
}

// AveragedModel, around a model, lies there too.
bool is_optimizer(const std::string& name) {
  return name.starts_with("torch.optim.") && !name.starts_with("torch.optim.swa_utils.");
}

class FactWalk {
 public:
  FactWalk(const Pickle& pickle, const PickleNode* left_out, const std::string& where)
      : pickle_(pickle), left_out_(left_out), where_(where) {}

  void walk(const PickleNode& node, const std::string& path, int depth) {
    if (&node == left_out_) return;
    if (++visits_ > kMaxVisits || depth > kMaxDepth) return leave(path, "lies behind more values than are looked at");
    if (node.kind == PickleKind::text && node.text.size() > kMaxText)
      return leave(path, "is a text of more than 4096 bytes");
    if (node.kind == PickleKind::text) return add(path, std::string(node.text));
    if (node.kind == PickleKind::global) return add(path, pickle_.name_of(node));
    if (is_pickled_scalar(pickle_, node)) return add_scalar(node, path);
    if (const auto value = json(node, depth)) return add(path, *value);
    if (node.items.size() > 2 * kMaxItems) return leave(path, "has more than 256 entries");
    // A value inside itself, such as the module that its own callback holds.
    if (std::ranges::count(open_, &node)) return leave(path, "lies inside itself");
    open_.push_back(&node);
    walk_inside(node, path, depth);
    open_.pop_back();
  }

  PickleFacts result;

 private:
  void add(const std::string& path, std::string value) {
    if (result.values.size() == kMaxFacts) return leave(path, "lies behind more than 4096 facts");
    result.values.emplace_back(path, std::move(value));
  }

  void leave(const std::string& path, std::string what) {
    if (unread_ > kMaxUnread) return;
    unread_ += path.size() + what.size();
    const bool too_many = unread_ > kMaxUnread;  // what comes now could be anywhere
    result.unread.emplace_back(too_many ? "" : path, too_many ? "has more than is read" : std::move(what));
  }

  void add_scalar(const PickleNode& scalar, const std::string& path) {
    if (const std::optional<std::string> text = text_of(pickle_, scalar, where_)) return add(path, *text);
    const std::optional<std::string> value = json_of_scalar(scalar);
    if (!value) return leave(path, "is a value of NumPy's, of another type than numbers and texts");
    add(path, *value);
  }

  std::optional<std::string> json_of_scalar(const PickleNode& scalar) const {
    const std::optional<ScalarValue> value = pickled_scalar(pickle_, scalar, where_);
    if (!value) return std::nullopt;
    if (const bool* truth = std::get_if<bool>(&*value)) return *truth ? "true" : "false";
    if (const std::int64_t* integer = std::get_if<std::int64_t>(&*value)) return std::to_string(*integer);
    if (const double* real = std::get_if<double>(&*value)) return number(*real);
    return json_string(std::get<std::string>(*value));
  }

  /// A scalar, or a list of nothing but scalars and such lists, as JSON.
  std::optional<std::string> json(const PickleNode& node, int depth) {
    if (++visits_ > kMaxVisits || depth > kMaxDepth) return std::nullopt;
    switch (node.kind) {
      case PickleKind::none:
        return "null";
      case PickleKind::boolean:
        return node.integer ? "true" : "false";
      case PickleKind::integer:
        return std::to_string(node.integer);
      case PickleKind::real:
        return number(node.real);
      case PickleKind::text:
        return node.text.size() > kMaxText ? std::nullopt : std::optional(json_string(node.text));
      case PickleKind::object:
        return is_pickled_scalar(pickle_, node) ? json_of_scalar(node) : std::nullopt;
      case PickleKind::tuple:
      case PickleKind::list:
      case PickleKind::set:
        break;
      default:
        return std::nullopt;
    }
    if (node.items.size() > kMaxItems) return std::nullopt;
    std::string text = "[";
    for (const PickleId id : node.items) {
      const auto item = json(pickle_[id], depth + 1);
      if (!item || text.size() > kMaxText) return std::nullopt;
      text += (text.size() > 1 ? "," : "") + *item;
    }
    return text + "]";
  }

  void walk_inside(const PickleNode& node, const std::string& path, int depth) {
    if (node.kind == PickleKind::dict) return walk_dict(node, path, depth);
    if (node.kind == PickleKind::object) return walk_object(node, path, depth);
    if (node.kind != PickleKind::tuple && node.kind != PickleKind::list && node.kind != PickleKind::set) {
      return leave(path, "is neither a number nor a text nor a container of them");
    }
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      walk(pickle_[node.items[i]], path + "[" + std::to_string(i) + "]", depth + 1);
    }
  }

  void walk_dict(const PickleNode& dict, const std::string& path, int depth, bool modules = false) {
    for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
      const PickleNode& key = pickle_[dict.items[i]];
      const PickleNode& value = pickle_[dict.items[i + 1]];
      const std::optional<std::string> number = key.kind == PickleKind::text ? std::nullopt : number_of_key(key);
      if (number) {
        walk(value, path + "[" + *number + "]", depth + 1);
        continue;
      }
      const std::optional<std::string> name = text_of(pickle_, key, where_);
      if (!name || name->size() > kMaxText) {
        leave(path, "has a key that is neither a whole number nor a text of at most 4096 bytes");
        continue;
      }
      // The children of a module are found under its own path, as in the names of its tensors.
      if (*name == "_modules" && value.kind == PickleKind::dict) walk_dict(value, path, depth + 1, true);
      if (name->starts_with('_') && !modules) continue;  // torch.compile calls what it wraps _orig_mod
      walk(value, path.empty() ? *name : path + "." + *name, depth + 1);
    }
  }

  std::optional<std::string> number_of_key(const PickleNode& key) const {
    if (key.kind == PickleKind::integer) return std::to_string(key.integer);
    if (!is_pickled_scalar(pickle_, key)) return std::nullopt;
    const std::optional<ScalarValue> value = pickled_scalar(pickle_, key, where_);
    const std::int64_t* number = value ? std::get_if<std::int64_t>(&*value) : nullptr;
    return number ? std::optional(std::to_string(*number)) : std::nullopt;
  }

  void walk_object(const PickleNode& object, const std::string& path, int depth) {
    if (is_pickled_array(pickle_, object) && result.arrays.size() < kMaxFacts) {
      return void(result.arrays.emplace_back(path, &object));
    }
    const std::string name = pickle_.name_of(object);
    if (name.empty() || name.starts_with("torch._utils.") || name.starts_with("torch._tensor.") ||
        name.starts_with("numpy.")) {
      return leave(path, name.empty() ? "is made by no class" : "is made by " + in_quotes(name));
    }
    if (is_optimizer(name)) return;
    const std::string class_path = path.empty() ? "class" : path + ".class";
    add(class_path, name);
    const PickleNode& arguments = pickle_[object.items[1]];
    if (!arguments.items.empty()) walk(arguments, class_path + ".args", depth + 1);
    if (object.items.size() > 2) walk(pickle_[object.items[2]], class_path + ".args", depth + 1);  // by name
    if (object.state != PickleNode::kAbsent) walk_state(pickle_[object.state], path, depth + 1);
    if (object.contents != PickleNode::kAbsent) walk(pickle_[object.contents], path, depth + 1);
  }

  // The attributes; those of slots stand in a second dict, as Python's own classes have them.
  void walk_state(const PickleNode& state, const std::string& path, int depth) {
    const bool slots =
        state.kind == PickleKind::tuple && state.items.size() == 2 && pickle_[state.items[1]].kind == PickleKind::dict;
    if (!slots) return walk(state, path, depth);
    if (pickle_[state.items[0]].kind != PickleKind::none) walk(pickle_[state.items[0]], path, depth);
    walk(pickle_[state.items[1]], path, depth);
  }

  const Pickle& pickle_;
  const PickleNode* left_out_;
  const std::string& where_;
  std::vector<const PickleNode*> open_;  // from the root to the value under way
  std::size_t visits_ = 0;
  std::size_t unread_ = 0;  // bytes
};

}  // namespace

PickleFacts collect_facts(const Pickle& pickle, const PickleNode& root, const PickleNode* left_out,
                          const std::string& where) {
  FactWalk walk(pickle, left_out, where);
  walk.walk(root, "", 0);
  return std::move(walk.result);
}

}  // namespace dinghy::converter
