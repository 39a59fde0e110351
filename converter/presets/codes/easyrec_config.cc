#include "converter/presets/codes/easyrec_config.h"

#include <algorithm>
#include <charconv>

#include "converter/error.h"
#include "converter/text/protobuf_text.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

using Config = EasyRecConfig;
const std::string kGeneric = "; describe the network in a recipe with preset = \"generic\"";
constexpr const char* kActivation = "tf.nn.relu";  // protos/dnn.proto

[[noreturn]] void refuse(const std::string& source, const std::string& what) { throw Error(source, what + kGeneric); }

std::uint64_t count(const ProtobufText& message, const std::string& field, const std::string& source,
                    std::uint64_t otherwise) {
  const std::string text = message.text(field);
  if (text.empty()) return otherwise;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    throw Error(source, field + ": " + in_quotes(text) + " is no count");
  return value;
}

Config::Feature feature_of(const ProtobufText& message, const std::string& source) {
  Config::Feature feature;
  feature.name = message.text("feature_name", message.text("input_names"));
  const std::string type = message.text("feature_type", "IdFeature");
  feature.embedding = message.text("embedding_name");
  feature.hash_buckets = count(message, "hash_bucket_size", source, 0);
  feature.vocabulary_file = message.text("vocab_file");
  for (const ProtobufText* word : message.all("vocab_list")) feature.words.push_back(word->value);
  const auto refuse_field = [&](const std::string& what) {
    refuse(source, "the feature " + in_quotes(feature.name) + " has " + what + ", which is not converted");
  };
  if (type == "RawFeature") {
    feature.kind = Config::Kind::raw;
    for (const char* field : {"boundaries", "num_buckets", "embedding_dim", "min_val", "max_val", "normalizer_fn"}) {
      if (message.find(field)) refuse_field(field);
    }
    const std::uint64_t width = count(message, "raw_input_dim", source, 1);
    if (width == 0 || width > 65536) refuse_field("raw_input_dim: " + std::to_string(width));
    feature.width = static_cast<std::uint32_t>(width);
    return feature;
  }
  if (type == "SequenceFeature") feature.kind = Config::Kind::sequence;
  if (type != "SequenceFeature" && type != "IdFeature") refuse_field("the type " + type);
  if (message.text("sub_feature_type", "IdFeature") != "IdFeature") refuse_field("a sub_feature_type of numbers");
  for (const char* field : {"ev_params", "sequence_combiner", "seq_multi_sep"}) {
    if (message.find(field)) refuse_field(field);
  }
  return feature;
}

// protos/easy_rec_model.proto has the groups beside the model; feature_configs of old versions stand at the root.
std::vector<Config::Feature> features_of(const ProtobufText& root, const std::vector<std::string>& wanted,
                                         const std::string& source) {
  std::vector<const ProtobufText*> messages = root.all("feature_configs");
  if (const ProtobufText* config = root.find("feature_config")) messages = config->all("features");
  std::vector<Config::Feature> features;
  for (const ProtobufText* message : messages) {
    const std::string name = message->text("feature_name", message->text("input_names"));
    if (std::ranges::find(wanted, name) != wanted.end()) features.push_back(feature_of(*message, source));
  }
  return features;
}

const ProtobufText& group_named(const ProtobufText& model, const char* kind, const std::string& name,
                                const std::string& source) {
  for (const ProtobufText* group : model.all(kind)) {
    if (group->text("group_name") == name) return *group;
  }
  throw Error(source, "has no " + std::string(kind) + " with the group_name " + in_quotes(name) + " of a tower");
}

Config::Tower tower_of(const ProtobufText& model, const ProtobufText& tower, const std::string& source) {
  Config::Tower result{tower.text("input"), tower.text("dnn.activation", kActivation), {}};
  const ProtobufText& group = group_named(model, "feature_groups", result.group, source);
  if (group.text("wide_deep", "DEEP") != "DEEP") refuse(source, "the group " + in_quotes(result.group) + " is wide");
  if (group.find("sequence_features"))
    refuse(source, "the group " + in_quotes(result.group) + " has sequence_features, which is not converted");
  for (const ProtobufText* name : group.all("feature_names")) {
    // feature_group.py:48: "f[0-3]" stands for four features.
    if (name->value.find('[') != std::string::npos)
      throw Error(source, "feature_names: " + in_quotes(name->value) + ": write the features out, one by one");
    result.features.push_back(name->value);
  }
  return result;
}

Config::Din din_of(const ProtobufText& model, const ProtobufText& tower, const std::string& source) {
  Config::Din din{tower.text("input"), tower.text("dnn.activation", kActivation), {}};
  std::vector<std::string> keys, sequences;
  for (const ProtobufText* map : group_named(model, "seq_att_groups", din.group, source).all("seq_att_map")) {
    for (const ProtobufText* key : map->all("key")) keys.push_back(key->value);
    for (const ProtobufText* sequence : map->all("hist_seq")) sequences.push_back(sequence->value);
    if (map->find("aux_hist_seq")) refuse(source, "aux_hist_seq is not converted");
  }
  if (keys.empty() || keys.size() != sequences.size())
    throw Error(source, "the group " + in_quotes(din.group) + " has " + std::to_string(keys.size()) + " keys and " +
                            std::to_string(sequences.size()) + " hist_seq; each key is compared with one");
  for (std::size_t i = 0; i < keys.size(); ++i) din.fields.emplace_back(keys[i], sequences[i]);
  return din;
}

}  // namespace

const Config::Feature& EasyRecConfig::feature(const std::string& name) const {
  const auto found = std::ranges::find(features, name, &Feature::name);
  if (found == features.end()) throw Error(source, "has no feature " + in_quotes(name) + ", which a group names");
  return *found;
}

EasyRecConfig read_easyrec_config(const Checkpoint& checkpoint) {
  const Document* document = checkpoint.find_document("pipeline.config");
  if (!document) {
    throw Error(checkpoint.path,
                "only EasyRec's pipeline.config says which features go into which tower, and in which order; put it "
                "beside the checkpoint or give it with --companion pipeline.config");
  }
  Config config;
  config.source = document->source;
  const ProtobufText root = parse_protobuf_text(document->text, document->source);
  const ProtobufText* model = root.find("model_config");
  const ProtobufText* network = root.find("model_config.multi_tower");
  if (!model || !network) refuse(config.source, "is not of a MultiTowerDIN: it has no model_config.multi_tower");
  const std::vector<const ProtobufText*> dins = network->all("din_towers");
  if (dins.size() != 1 || network->find("bst_towers"))
    refuse(config.source, "has " + std::to_string(dins.size()) + " din_towers" +
                              (network->find("bst_towers") ? " and bst_towers" : "") +
                              "; networks with one are converted");
  for (const ProtobufText* tower : network->all("towers"))
    config.towers.push_back(tower_of(*model, *tower, config.source));
  config.din = din_of(*model, *dins[0], config.source);
  config.final_activation = network->text("final_dnn.activation", kActivation);
  if (model->text("loss_type", "CLASSIFICATION") == "L2_LOSS") config.link = format::Link::identity;
  std::vector<std::string> wanted;
  for (const Config::Tower& tower : config.towers)
    wanted.insert(wanted.end(), tower.features.begin(), tower.features.end());
  for (const auto& [key, sequence] : config.din.fields) wanted.insert(wanted.end(), {key, sequence});
  config.features = features_of(root, wanted, config.source);
  return config;
}

}  // namespace dinghy::converter
