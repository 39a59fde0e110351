#include "converter/readers/alternatives.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>
#include <string_view>
#include <unordered_map>

#include "converter/readers/tensor_words.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

constexpr std::array<std::string_view, 6> kAverageWords{"ema", "avg", "average", "averaged", "swa", "shadow"};
constexpr std::array<std::string_view, 2> kCounters{"initted", "step"};  // of ema-pytorch
constexpr const char* kAveraged = "module.";                             // of AveragedModel
constexpr std::size_t kMaxModules = 64;                                  // at the top of a network

std::string first_part(const std::string& name) { return name.substr(0, name.find('.') + 1); }

bool is_average(std::string prefix) {
  std::ranges::transform(prefix, prefix.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (std::string_view rest = prefix; !rest.empty();) {
    const std::size_t end = std::min(rest.find_first_of("_."), rest.size());
    if (std::ranges::count(kAverageWords, rest.substr(0, end)) > 0) return true;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return false;
}

std::vector<Tensor> under(const std::vector<Tensor>& tensors, const std::string& prefix) {
  std::vector<Tensor> result;
  for (const Tensor& tensor : tensors) {
    if (!tensor.name.starts_with(prefix)) continue;
    result.push_back(tensor);
    result.back().name.erase(0, prefix.size());
  }
  return result;
}

/// Tensors by name.
class Index {
 public:
  explicit Index(const std::vector<Tensor>& tensors) {
    for (const Tensor& tensor : tensors) by_name_.emplace(tensor.name, &tensor);
  }

  /// The tensor of this name, when it has this shape too.
  const Tensor* find(const std::string& name, const Tensor& like) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() || found->second->shape != like.shape ? nullptr : found->second;
  }

 private:
  std::unordered_map<std::string_view, const Tensor*> by_name_;
};

std::string described(const Weights& weights) {
  return weights.name + " (" + tensors_text(weights.tensors.size()) + ")";
}

// Each of the network's tensors once, in its order.
std::vector<Tensor> completed(const std::vector<Tensor>& average, const std::vector<Tensor>& tensors) {
  const Index averages(average);
  std::vector<Tensor> result;
  for (const Tensor& tensor : tensors) {
    const Tensor* found = averages.find(tensor.name, tensor);
    result.push_back(found ? *found : tensor);
  }
  return result;
}

// The average, and the counters beside it.
void take_off(Checkpoint& checkpoint, const std::string& prefix) {
  std::erase_if(checkpoint.tensors, [&](const Tensor& tensor) {
    const bool counter = std::ranges::count(kCounters, tensor.name) > 0;
    if (counter) checkpoint.left_out.emplace_back(tensor.name, "a counter of the average");
    return counter || tensor.name.starts_with(prefix);
  });
}

}  // namespace

void split_averages(Checkpoint& checkpoint) {
  std::set<std::string> prefixes;
  for (const Tensor& tensor : checkpoint.tensors) prefixes.insert(first_part(tensor.name));
  if (prefixes.size() > kMaxModules) return;
  const Index all(checkpoint.tensors);
  for (const std::string& prefix : prefixes) {
    if (!is_average(prefix)) continue;
    std::vector<Tensor> average = under(checkpoint.tensors, prefix);
    if (under(average, kAveraged).size() == average.size()) average = under(average, kAveraged);
    const auto twin = std::ranges::find_if(prefixes, [&](const std::string& other) {
      return other != prefix && std::ranges::all_of(average, [&](const Tensor& tensor) {
               return all.find(other + tensor.name, tensor) != nullptr;
             });
    });
    if (twin == prefixes.end()) continue;
    checkpoint.weights = twin->empty() ? "model" : twin->substr(0, twin->size() - 1);
    checkpoint.alternatives.push_back({prefix.substr(0, prefix.size() - 1), std::move(average)});
    return take_off(checkpoint, prefix);
  }
}

void settle_alternatives(Checkpoint& checkpoint) {
  const Index own(checkpoint.tensors);
  const auto is_known = [&](const Tensor& tensor) { return own.find(tensor.name, tensor) != nullptr; };
  const auto is_own = [&](const Tensor& tensor) {
    const Tensor* found = own.find(tensor.name, tensor);
    return found && found->same_elements(tensor);
  };
  std::erase_if(checkpoint.alternatives, [&](Weights& other) {
    if (!other.refusal.empty()) return false;
    if (other.tensors.empty()) return true;                       // a counter, which was left out
    if (std::ranges::all_of(other.tensors, is_own)) return true;  // under a second key
    if (std::ranges::none_of(other.tensors, is_known)) {
      checkpoint.left_out.emplace_back(described(other), "beside the weights, of other names or shapes");
      return true;
    }
    const auto foreign = std::ranges::find_if_not(other.tensors, is_known);
    if (foreign != other.tensors.end()) {
      other.refusal =
          "have the tensor " + in_quotes(foreign->name) + " " + foreign->shape_text() + ", which the others have not";
    } else {
      other.tensors = completed(other.tensors, checkpoint.tensors);
    }
    return false;
  });
}

}  // namespace dinghy::converter
