#include "converter/presets/codes/fuxictr_encoders.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <string_view>

#include "converter/error.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

using Kind = FuxictrEncoder::Kind;

constexpr int kMaxDepth = 8;  // of nn.Sequential in nn.Sequential

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\n") - begin + 1);
}

// "nn.Linear(8, 4, bias=False)": Linear with three arguments.
struct Call {
  std::string name;
  std::vector<std::string> arguments;
};

// What stands between commas that are in no brackets.
std::vector<std::string> split_arguments(std::string_view text) {
  std::vector<std::string> arguments;
  int depth = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const char next = i < text.size() ? text[i] : ',';
    if (next == '(' || next == '[') ++depth;
    if (next == ')' || next == ']') --depth;
    if (next != ',' || (depth > 0 && i < text.size())) continue;
    const std::string_view argument = trimmed(text.substr(begin, i - begin));
    if (!argument.empty()) arguments.emplace_back(argument);
    begin = i + 1;
  }
  return arguments;
}

std::optional<Call> parse_call(std::string_view text) {
  text = trimmed(text);
  const std::size_t open = text.find('(');
  if (open == std::string_view::npos || !text.ends_with(')')) return std::nullopt;
  const std::string_view path = trimmed(text.substr(0, open));
  return Call{std::string(path.substr(path.rfind('.') + 1)),
              split_arguments(text.substr(open + 1, text.size() - open - 2))};
}

// nn.Linear(8, 4, bias=False) or nn.Linear(8, 4, False); with a bias unless said.
bool has_bias(const Call& call) {
  return std::ranges::none_of(call.arguments, [](const std::string& text) { return text.ends_with("False"); });
}

// nn.LeakyReLU(0.2) or nn.LeakyReLU(negative_slope=0.2).
std::optional<double> leaky_slope(const Call& call) {
  if (call.arguments.empty()) return 0.01;  // PyTorch's own
  std::string_view text = call.arguments[0];
  constexpr std::string_view kKey = "negative_slope=";
  if (text.starts_with(kKey)) text.remove_prefix(kKey.size());
  double slope = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), slope);
  if (error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  return slope;
}

std::optional<ActivationRecipe> activation_of(const Call& call) {
  static const std::map<std::string, ActivationWord> kWords = {{"ReLU", ActivationWord::relu},
                                                               {"Sigmoid", ActivationWord::sigmoid},
                                                               {"Tanh", ActivationWord::tanh},
                                                               {"LeakyReLU", ActivationWord::leaky_relu}};
  const auto known = kWords.find(call.name);
  if (known == kWords.end()) return std::nullopt;
  ActivationRecipe activation{.word = {known->second, Certainty::companion}};
  if (known->second != ActivationWord::leaky_relu) return activation;
  const auto slope = leaky_slope(call);
  if (!slope) return std::nullopt;
  activation.slope = *slope;
  return activation;
}

class Reader {
 public:
  explicit Reader(const std::string& where) : where_(where) {}

  void add(const std::string& expression, const std::string& module, int depth = 0) {
    const std::optional<Call> call = parse_call(expression);
    if (!call || depth > kMaxDepth) fail(expression);
    if (call->name == "Identity" || call->name == "Dropout") return;
    if (call->name == "Sequential") {
      for (std::size_t i = 0; i < call->arguments.size(); ++i) {
        add(call->arguments[i], module + "." + std::to_string(i), depth + 1);
      }
    } else if (call->name == "Linear") {
      encoders_.push_back({.kind = Kind::linear, .module = module, .has_bias = has_bias(*call), .activation = {}});
    } else if (call->name == "MaskedSumPooling" || call->name == "MaskedAveragePooling") {
      add_pooling(expression, call->name == "MaskedSumPooling" ? format::Pooling::sum : format::Pooling::mean);
    } else if (auto activation = activation_of(*call)) {
      encoders_.push_back({.kind = Kind::activation, .module = module, .activation = std::move(*activation)});
    } else {
      fail(expression);
    }
  }

  std::vector<FuxictrEncoder> take() { return std::move(encoders_); }

 private:
  [[noreturn]] void fail(const std::string& expression) const {
    throw Error(where_, "has the encoder " + in_quotes(expression) +
                            "; known are nn.Linear, nn.ReLU, nn.LeakyReLU, nn.Sigmoid, nn.Tanh, MaskedSumPooling and "
                            "MaskedAveragePooling, also several in a list");
  }

  void add_pooling(const std::string& expression, format::Pooling pooling) {
    if (std::ranges::count(encoders_, Kind::pooling, &FuxictrEncoder::kind) > 0) fail(expression);
    encoders_.push_back({.kind = Kind::pooling, .module = {}, .activation = {}, .pooling = pooling});
  }

  const std::string& where_;
  std::vector<FuxictrEncoder> encoders_;
};

}  // namespace

std::vector<FuxictrEncoder> fuxictr_encoders(const std::vector<std::string>& expressions, bool is_list,
                                             const std::string& where) {
  Reader reader(where);
  for (std::size_t i = 0; i < expressions.size(); ++i) {
    reader.add(expressions[i], is_list ? "." + std::to_string(i) : "");
  }
  return reader.take();
}

std::vector<FuxictrEncoder> encoders_by_tensors(const Conversion& conversion, const std::string& prefix) {
  if (conversion.claims.has(prefix + ".weight")) return {FuxictrEncoder{}};
  for (const Tensor& tensor : conversion.checkpoint.tensors) {
    if (!tensor.name.starts_with(prefix + ".")) continue;
    conversion.claims.fail(tensor.name,
                           "is of an encoder that the feature map does not have; give the log of the training, "
                           "MODEL.log, with --companion, or write \"feature_encoder\" into the map as feature_specs of "
                           "the training has it");
  }
  return {};
}

std::optional<std::size_t> input_width(const Conversion& conversion, const std::string& prefix,
                                       std::span<const FuxictrEncoder> encoders) {
  if (encoders.empty() || encoders[0].kind != Kind::linear) return std::nullopt;
  const Tensor* weight = conversion.checkpoint.find(prefix + encoders[0].module + ".weight");
  if (!weight || weight->shape.size() != 2) return std::nullopt;
  return static_cast<std::size_t>(weight->shape[1]);
}

std::vector<LayerRecipe> encoder_layers(const Conversion& conversion, const std::string& prefix,
                                        std::span<const FuxictrEncoder> encoders) {
  std::vector<LayerRecipe> layers;
  for (const FuxictrEncoder& encoder : encoders) {
    if (encoder.kind == Kind::linear) {
      const std::string module = prefix + encoder.module, bias = module + ".bias";
      const bool has_bias = encoder.has_bias.value_or(conversion.claims.has(bias));
      layers.push_back({.weight = module + ".weight", .bias = has_bias ? bias : ""});
      continue;
    }
    if (layers.empty() || layers.back().activation) layers.emplace_back();
    layers.back().activation = encoder.activation;
  }
  return layers;
}

}  // namespace dinghy::converter
