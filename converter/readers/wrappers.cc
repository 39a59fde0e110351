#include "converter/readers/wrappers.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "converter/error.h"
#include "converter/readers/alternatives.h"
#include "converter/readers/reparametrization.h"
#include "converter/readers/tensor_words.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

// DataParallel and AveragedModel; torch.compile; Lightning; torch.distributed.checkpoint; ema-pytorch.
constexpr std::array<std::string_view, 8> kPrefixes{"module.",     "_orig_mod.",        "model.",     "net.",
                                                    "state_dict.", "model_state_dict.", "ema_model.", "online_model."};
// torch.compile, FSDP, activation checkpointing and Lightning's Fabric, around any module of a network.
constexpr std::array<std::string_view, 4> kInfixes{"_orig_mod.", "_fsdp_wrapped_module.", "_checkpoint_wrapped_module.",
                                                   "_forward_module."};

// As modules of a loss are called; `pos_weight` elsewhere may be a weight of positions.
constexpr std::array<std::string_view, 4> kLosses{"loss", "criterion", "bce", "objective"};

/// Why a tensor is no part of any network; nullptr when it may be one.
const char* no_part(const std::string& name) {
  const std::string_view last = last_part(name);
  if (last == "n_averaged") return "a counter of AveragedModel";
  const std::string_view module = std::string_view(name).substr(0, name.size() - last.size());
  const bool loss =
      std::ranges::any_of(kLosses, [&](std::string_view word) { return module.find(word) != std::string_view::npos; });
  return last == "pos_weight" && loss ? "of the loss, which no score knows" : nullptr;
}

/// One set of tensors under way.
class Unwrapping {
 public:
  Unwrapping(std::vector<Tensor>& tensors, const std::string& where) : tensors_(tensors), where_(where) {}

  void clean() {
    leave_out();
    refuse_flat();
    strip_infixes();
  }

  void strip_and_fold() {
    while (std::ranges::any_of(kPrefixes, [&](std::string_view prefix) { return strip(prefix); })) continue;
    for (std::string& what : fold_reparametrized(tensors_, where_)) notes.push_back(std::move(what));
  }

  std::vector<std::string> notes, prefixes;
  std::vector<std::pair<std::string, std::string>> left_out;

 private:
  void leave_out() {
    std::erase_if(tensors_, [&](const Tensor& tensor) {
      const char* reason = no_part(tensor.name);
      if (tensor.name == "n_averaged") require_averaged(tensor);
      if (reason) left_out.emplace_back(tensor.name, reason);
      return reason != nullptr;
    });
  }

  // Before its first update an average is a copy of what the training began with.
  void require_averaged(const Tensor& count) const {
    if (count.values() != std::vector<double>{0}) return;
    throw Error(where_,
                in_quotes(count.name) +
                    " is 0: an AveragedModel that never averaged has the weights from before the training; save "
                    "the model itself, or call update_parameters");
  }

  // FSDP's local state: all parameters of a module in one row, whose cut is nowhere in the file.
  void refuse_flat() const {
    for (const Tensor& tensor : tensors_) {
      const std::string_view last = last_part(tensor.name);
      if (last != "_flat_param" && !last.starts_with("flat_param")) continue;
      throw Error(where_, "has " + in_quotes(tensor.name) +
                              ", a flat parameter of FSDP; save the whole state_dict: FSDP.state_dict_type(model, "
                              "StateDictType.FULL_STATE_DICT)");
    }
  }

  void strip_infixes() {
    for (const std::string_view infix : kInfixes) {
      bool found = false;
      for (Tensor& tensor : tensors_) {
        for (std::size_t at = 0; (at = tensor.name.find(infix, at)) != std::string::npos;) {
          if (at > 0 && tensor.name[at - 1] != '.') {
            ++at;
            continue;
          }
          tensor.name.erase(at, infix.size());
          found = true;
        }
      }
      if (found) notes.push_back("names without " + in_quotes(infix));
    }
  }

  bool strip(std::string_view prefix) {
    const bool all = std::ranges::all_of(tensors_, [&](const Tensor& t) { return t.name.starts_with(prefix); });
    if (tensors_.empty() || !all) return false;
    for (Tensor& tensor : tensors_) tensor.name.erase(0, prefix.size());
    notes.push_back("names without the prefix " + in_quotes(prefix));
    prefixes.emplace_back(prefix);
    return true;
  }

  std::vector<Tensor>& tensors_;
  const std::string& where_;
};

// Facts lie under a prefix where it is that of a module in the file, not a word of somebody's configuration.
void strip_facts(Checkpoint& checkpoint, const std::string& prefix) {
  const auto is_class = [&](const auto& fact) { return fact.first == prefix + "class"; };
  if (std::ranges::none_of(checkpoint.facts, is_class)) return;
  std::vector<std::pair<std::string, std::string>> inner;
  std::set<std::string> paths;
  for (const auto& [path, value] : checkpoint.facts) {
    if (path.starts_with(prefix)) paths.insert(inner.emplace_back(path.substr(prefix.size()), value).first);
  }
  std::erase_if(checkpoint.facts,
                [&](const auto& fact) { return fact.first.starts_with(prefix) || paths.contains(fact.first); });
  checkpoint.facts.insert(checkpoint.facts.end(), inner.begin(), inner.end());
  for (auto& [path, what] : checkpoint.unread) {
    if (path.starts_with(prefix)) path.erase(0, prefix.size());
  }
}

}  // namespace

void unwrap(Checkpoint& checkpoint) {
  if (checkpoint.graph) return;
  // Other names may stand in another order than the file's: what it had lost before is lost.
  checkpoint.order_lost |= sorted_by_name(checkpoint.tensors);
  Unwrapping own(checkpoint.tensors, checkpoint.path);
  own.clean();
  split_averages(checkpoint);
  own.strip_and_fold();
  for (auto& entry : own.left_out) checkpoint.left_out.push_back(std::move(entry));
  for (auto& note : own.notes) checkpoint.unwrapped.push_back(std::move(note));
  for (const std::string& prefix : own.prefixes) strip_facts(checkpoint, prefix);
  for (Weights& other : checkpoint.alternatives) {
    Unwrapping unwrapping(other.tensors, checkpoint.path);
    try {
      unwrapping.clean();
      unwrapping.strip_and_fold();
    } catch (const Error& error) {  // the others may convert
      other.refusal = std::string("cannot be taken: ") + error.what();
    }
  }
  settle_alternatives(checkpoint);
}

}  // namespace dinghy::converter
