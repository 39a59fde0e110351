#include "converter/inspection/network_text.h"

#include "converter/text/number_text.h"
#include "converter/text/quotes.h"
#include "model_generated.h"

namespace dinghy::converter {
namespace {

// ---- layers, in the paper's words -----------------------------------------------------------------------------------

std::string activation_text(const format::Activation* activation) {
  switch (activation ? activation->kind() : format::ActivationKind::identity) {
    case format::ActivationKind::identity:
      return "";
    case format::ActivationKind::gate:
      return " Dice";
    case format::ActivationKind::row_gate:
      return " Dice over the row";
    case format::ActivationKind::leaky_relu:
      return " leaky relu " + number_text(activation->slope());
    case format::ActivationKind::prelu_position:
      return " prelu by position";
    default:
      return std::string(" ") + format::EnumNameActivationKind(activation->kind());
  }
}

using Layers = flatbuffers::Vector<flatbuffers::Offset<format::Layer>>;

/// "128 -> 80 Dice -> 40 Dice -> 1"
std::string layers_text(const Layers& layers) {
  std::string text = std::to_string(layers.Get(0)->weight()->rows());
  for (const format::Layer* layer : layers) {
    text += " -> " + std::to_string(layer->weight()->cols()) + activation_text(layer->activation());
  }
  return text;
}

bool has(const Layers* layers) { return layers && layers->size() > 0; }

// ---- network --------------------------------------------------------------------------------------------------------

class NetworkText {
 public:
  explicit NetworkText(const format::Model& model) : model_(model) {}

  std::string text() const {
    std::string text;
    for (flatbuffers::uoffset_t i = 0; model_.sequences() && i < model_.sequences()->size(); ++i) {
      text += sequence(*model_.sequences()->Get(i));
    }
    for (flatbuffers::uoffset_t i = 0; model_.interests() && i < model_.interests()->size(); ++i) {
      text += interest(*model_.interests()->Get(i));
    }
    for (flatbuffers::uoffset_t i = 0; model_.mlps() && i < model_.mlps()->size(); ++i) {
      const format::Mlp& mlp = *model_.mlps()->Get(i);
      text += "  mlp " + in_quotes(mlp.name()->str()) + ": [" + parts(*mlp.parts()) + "]\n    " +
              layers_text(*mlp.layers()) + "\n";
    }
    text += "  tower: [" + parts(*model_.tower()->parts()) + "]\n    " + layers_text(*model_.tower()->layers()) + "\n";
    return text + head();
  }

 private:
  std::string feature(std::uint32_t index) const { return model_.features()->Get(index)->name()->str(); }

  static std::string sequence(const format::Sequence& sequence) {
    std::string text = "  behaviour history " + in_quotes(sequence.name()->str()) + ": ";
    if (sequence.max_length()) {
      const char* keep = format::EnumNameKeep(sequence.keep());
      text += std::string("the ") + keep + " " + std::to_string(sequence.max_length()) + " behaviours";
    } else {
      text += "of any length";
    }
    switch (sequence.mask()) {
      case format::Mask::length:
        break;
      case format::Mask::all_ids:
        text += ", padding where all ids are";
        break;
      case format::Mask::first_id:
        text += ", padding where the first id is";
        break;
      case format::Mask::every_id:
        text += ", padding where any id is";
        break;
    }
    return text + "\n";
  }

  std::string interest(const format::Interest& interest) const {
    std::string query;
    std::string key;
    for (const format::Field* field : *interest.fields()) {
      query += (query.empty() ? "" : ", ") + feature(field->query());
      key += (key.empty() ? "" : ", ") + feature(field->key());
    }
    const std::string history = model_.sequences()->Get(interest.sequence())->name()->str();
    std::string text = "  interest " + in_quotes(interest.name()->str()) + ": query [" + query + "], keys [" + key +
                       "] of " + in_quotes(history) + "\n";
    if (has(interest.query_layers())) text += "    query layers " + layers_text(*interest.query_layers()) + "\n";
    if (interest.score() == format::Score::dot) {
      text += "    weight: q . k";
    } else {
      text += "    local activation unit: [q, k, q-k, q*k] " + layers_text(*interest.layers());
    }
    text += ", " + weighting(interest) + "\n";
    if (has(interest.post_layers())) text += "    then " + layers_text(*interest.post_layers()) + "\n";
    return text;
  }

  static std::string weighting(const format::Interest& interest) {
    std::string text;
    if (interest.scale() != 1) text += "times " + number_text(interest.scale()) + ", ";
    switch (interest.normalizer()) {
      case format::Normalizer::raw:
        text += "raw weights";
        break;
      case format::Normalizer::softmax:
        text += "softmax";
        break;
      case format::Normalizer::sigmoid:
        text += "sigmoid";
        break;
      case format::Normalizer::one:
        text += "weights of 1";
        break;
    }
    text += interest.pooling() == format::Pooling::mean ? ", weighted mean" : ", weighted sum";
    const std::string pad_to = std::to_string(interest.pad_to());
    switch (interest.pads()) {
      case format::Pads::excluded:
        break;
      case format::Pads::attend:
        text += ", padding to " + pad_to + " takes part";
        break;
      case format::Pads::denominator:
        text += ", padding to " + pad_to + " takes part in the softmax only";
        break;
      case format::Pads::zero_logit:
        text += ", padding to " + pad_to + " takes part with logit 0";
        break;
    }
    switch (interest.empty()) {
      case format::EmptyHistory::zero:
        return text + ", empty history: zero";
      case format::EmptyHistory::pad_row:
        return text + ", empty history: the padding row";
      case format::EmptyHistory::reject:
        return text + ", empty history: an error";
    }
    return text;
  }

  std::string operand(const format::Operand& operand) const {
    switch (operand.source()) {
      case format::Source::feature:
        return feature(operand.index());
      case format::Source::interest:
        return model_.interests()->Get(operand.index())->name()->str();
      case format::Source::history_sum:
        return "sum of " + feature(operand.index());
      case format::Source::history_mean:
        return "mean of " + feature(operand.index());
      case format::Source::mlp:
        return model_.mlps()->Get(operand.index())->name()->str();
    }
    return {};
  }

  template <class Parts>
  std::string parts(const Parts& parts) const {
    std::string text;
    for (const format::Part* part : parts) {
      if (!text.empty()) text += ", ";
      text += operand(*part->operand());
      if (part->times()) text += " * " + operand(*part->times());
      text += ' ' + std::to_string(part->operand()->width());
    }
    return text;
  }

  std::string head() const {
    const format::Head& head = *model_.head();
    const auto* layers = model_.tower()->layers();
    const bool two = layers->Get(layers->size() - 1)->weight()->cols() == 2;
    std::string text = "  score: ";
    if (two) {
      text += "softmax of two logits, class " + std::to_string(head.positive_class());
    } else {
      text += head.link() == format::Link::sigmoid ? "sigmoid(logit" : "logit";
      for (flatbuffers::uoffset_t i = 0; head.biases() && i < head.biases()->size(); ++i) {
        text += " + bias of " + feature(head.biases()->Get(i)->feature());
      }
      if (head.link() == format::Link::sigmoid) text += ")";
      if (head.scale() != 1) text += ", logit times " + number_text(head.scale());
      if (head.shift() != 0) text += ", logit shifted by " + number_text(head.shift());
    }
    if (head.offset() != 0) text += ", plus " + number_text(head.offset());
    return text + "\n";
  }

  const format::Model& model_;
};

}  // namespace

std::string network_text(const format::Model& model) { return NetworkText(model).text(); }

}  // namespace dinghy::converter
