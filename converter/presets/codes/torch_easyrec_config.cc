#include "converter/presets/codes/torch_easyrec_config.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "converter/error.h"
#include "converter/text/protobuf_text.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

using Config = TorchEasyRecConfig;
using Kind = format::ActivationKind;
constexpr const char* kActivation = "nn.ReLU";  // protos/module.proto
constexpr const char* kSequence = "__";         // features/feature.py:426

class Reader {
 public:
  explicit Reader(const Document& document) : root_(parse_protobuf_text(document.text, document.source)) {
    config_.source = document.source;
  }

  Config read() {
    const ProtobufText* model = root_.find("model_config");
    const ProtobufText* network = root_.find("model_config.multi_tower_din");
    if (!model || !network) refuse("is not of a MultiTowerDIN: it has no model_config.multi_tower_din");
    const std::vector<const ProtobufText*> dins = network->all("din_towers");
    if (dins.size() != 1) refuse("has " + std::to_string(dins.size()) + " din_towers; networks with one are converted");
    read_features();
    for (const ProtobufText* tower : network->all("towers")) add_tower(*model, *tower);
    add_din(*model, *dins[0]);
    if (const ProtobufText* final = network->find("final")) config_.final_activation = activation(*final);
    read_loss(*model);
    return std::move(config_);
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw Error(config_.source, what + "; describe the network in a recipe with preset = \"generic\"");
  }

  std::uint32_t count(const ProtobufText& message, const std::string& field, std::uint32_t otherwise) const {
    const std::string text = message.text(field);
    if (text.empty()) return otherwise;
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc() && end == text.data() + text.size() && value <= 65536) return value;
    throw Error(config_.source, field + ": " + in_quotes(text) + " is no count up to 65536");
  }

  // protos/feature.proto: every message holds one feature under the name of its kind.
  void read_features() {
    for (const ProtobufText* message : root_.all("feature_configs")) {
      for (const ProtobufText& feature : message->fields) {
        if (feature.name != "sequence_feature") {
          add_feature(feature, "");
          continue;
        }
        use_length(feature);
        for (const ProtobufText* part : feature.all("features")) {
          for (const ProtobufText& field : part->fields) add_feature(field, feature.text("sequence_name") + kSequence);
        }
      }
    }
  }

  void use_length(const ProtobufText& sequence) {
    config_.max_length = std::max(config_.max_length, count(sequence, "sequence_length", 0));
  }

  void add_feature(const ProtobufText& message, const std::string& prefix) {
    Config::Feature feature;
    feature.name = prefix + message.text("feature_name");
    static const std::map<std::string, format::Role> kRoles = {
        {"user", format::Role::user}, {"item", format::Role::candidate}, {"context", format::Role::context}};
    const std::string expression = message.text("expression");
    const auto role = kRoles.find(expression.substr(0, expression.find(':')));
    if (role != kRoles.end()) feature.role = role->second;
    if (message.name == "sequence_id_feature") use_length(message);
    kinds_[feature.name] = &message;
    if (message.find("embedding_dim")) feature.embedding = message.text("embedding_name", feature.name + "_emb");
    feature.width = count(message, "value_dim", 1);
    add_words(message, feature);
    config_.features.push_back(std::move(feature));
  }

  // features/feature.py:1051-1075: in front of the list stand the default value and what is no word, unless
  // default_bucketize_value names the row of the latter.
  void add_words(const ProtobufText& message, Config::Feature& feature) const {
    // protos/data.proto: without feature generation the ids are rows already.
    if (root_.text("data_config.fg_mode", "FG_NONE") == "FG_NONE") return;
    const bool alone = message.find("default_bucketize_value") != nullptr;
    feature.unknown_row = alone ? count(message, "default_bucketize_value", 0) : 1;
    const std::vector<const ProtobufText*> words = message.all("vocab_list");
    const std::string otherwise = message.text("default_value");
    const bool listed = std::ranges::any_of(words, [&](const ProtobufText* word) { return word->value == otherwise; });
    if (!words.empty() && !alone && !otherwise.empty() && !listed) feature.words.emplace_back(otherwise, 0);
    std::uint64_t row = alone ? 0 : 2;
    for (const ProtobufText* word : words) feature.words.emplace_back(word->value, row++);
  }

  // A feature that a group names has to be one that is converted.
  void require_known(const std::string& name) const {
    config_.feature(name);
    const ProtobufText& message = *kinds_.at(name);
    const bool is_id = message.name == "id_feature" || message.name == "sequence_id_feature";
    if (!is_id && message.name != "raw_feature") refuse("the feature " + in_quotes(name) + " is a " + message.name);
    for (const char* field : {"zch", "dynamicemb", "autodis", "mlp", "boundaries", "weighted", "vocab_dict"}) {
      if (message.find(field)) refuse("the feature " + in_quotes(name) + " has " + field);
    }
  }

  const ProtobufText& group(const ProtobufText& model, const std::string& name, const std::string& type) const {
    for (const ProtobufText* group : model.all("feature_groups")) {
      if (group->text("group_name") != name) continue;
      const std::string found = group->text("group_type", "DEEP");
      if (found != type) refuse("the group " + in_quotes(name) + " has the group_type " + found + ", not " + type);
      for (const char* field : {"sequence_groups", "sequence_encoders", "embedding_name_suffix"}) {
        if (group->find(field)) refuse("the group " + in_quotes(name) + " has " + field);
      }
      return *group;
    }
    throw Error(config_.source, "has no feature_groups with the group_name " + in_quotes(name) + " of a tower");
  }

  std::vector<std::string> names(const ProtobufText& group) const {
    std::vector<std::string> names;
    for (const ProtobufText* name : group.all("feature_names")) {
      require_known(name->value);
      names.push_back(name->value);
    }
    return names;
  }

  // modules/activation.py: Dice and PReLU have tensors.
  std::optional<Kind> activation(const ProtobufText& mlp) const {
    static const std::map<std::string, std::optional<Kind>> kKinds = {{"nn.ReLU", Kind::relu},
                                                                      {"nn.Sigmoid", Kind::sigmoid},
                                                                      {"nn.Tanh", Kind::tanh},
                                                                      {"nn.PReLU", {}},
                                                                      {"Dice", {}}};
    if (mlp.text("use_ln", "false") == "true") refuse("has an MLP with use_ln: layer norm");
    const std::string word = mlp.text("activation", kActivation);
    const auto known = kKinds.find(word);
    if (known == kKinds.end()) refuse("has the activation " + in_quotes(word));
    return known->second;
  }

  void add_tower(const ProtobufText& model, const ProtobufText& tower) {
    const ProtobufText* mlp = tower.find("mlp");
    if (!mlp) refuse("has a tower without an mlp");
    const std::string name = tower.text("input");
    config_.towers.push_back({name, names(group(model, name, "DEEP")), activation(*mlp)});
  }

  // modules/embedding.py: a group of sequences has a query, the features that are none, and a sequence.
  void add_din(const ProtobufText& model, const ProtobufText& tower) {
    const ProtobufText* mlp = tower.find("attn_mlp");
    if (!mlp) throw Error(config_.source, "has din_towers without attn_mlp");
    config_.din.group = tower.text("input");
    config_.din.activation = activation(*mlp);
    for (const std::string& name : names(group(model, config_.din.group, "SEQUENCE"))) {
      const bool is_sequence =
          kinds_.at(name)->name == "sequence_id_feature" || name.find(kSequence) != std::string::npos;
      (is_sequence ? config_.din.sequence : config_.din.query).push_back(name);
      if (config_.feature(name).embedding.empty()) refuse("the group " + in_quotes(config_.din.group) + " has numbers");
    }
    if (config_.din.query.empty() || config_.din.query.size() != config_.din.sequence.size()) {
      refuse("the group " + in_quotes(config_.din.group) + " compares " + std::to_string(config_.din.query.size()) +
             " features with " + std::to_string(config_.din.sequence.size()) + " of the sequence");
    }
  }

  // models/rank_model.py:117-150
  void read_loss(const ProtobufText& model) {
    for (const ProtobufText* loss : model.all("losses")) {
      config_.link = loss->find("l2_loss") ? format::Link::identity : format::Link::sigmoid;
    }
  }

  const ProtobufText root_;
  Config config_;
  std::map<std::string, const ProtobufText*> kinds_;  // by feature: the message, whose name is its kind
};

}  // namespace

const TorchEasyRecConfig::Feature& TorchEasyRecConfig::feature(const std::string& name) const {
  const auto found = std::ranges::find(features, name, &Feature::name);
  if (found == features.end()) throw Error(source, "has no feature " + in_quotes(name) + ", which a group names");
  return *found;
}

std::optional<TorchEasyRecConfig> read_torch_easyrec_config(const Checkpoint& checkpoint) {
  const Document* document = checkpoint.find_document("pipeline.config");
  if (!document) return std::nullopt;
  return Reader(*document).read();
}

}  // namespace dinghy::converter
