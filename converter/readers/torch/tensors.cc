#include "converter/readers/torch/tensors.h"

#include "converter/error.h"
#include "converter/readers/tensor_bounds.h"
#include "converter/readers/torch/storage_id.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

bool is_parameter(const std::string& function) {
  return function == "torch._utils._rebuild_parameter" || function == "torch._utils._rebuild_parameter_with_state";
}

constexpr std::string_view kSubclass = "torch._tensor._rebuild_from_type_v2";    // function, type, arguments, state
constexpr std::string_view kWrapper = "torch._utils._rebuild_wrapper_subclass";  // type, dtype, size …
constexpr int kMaxWrappers = 8;

}  // namespace

/// One tensor under way: the call that torch would make, taken apart.
class TorchTensors::Call {
 public:
  Call(TorchTensors& tensors, const std::string& name) : tensors_(tensors), pickle_(tensors.pickle_), name_(name) {}

  Tensor read(const PickleNode& node) {
    unwrap(node);
    const bool typed = function_ == "torch._utils._rebuild_tensor_v2" || function_ == "torch._utils._rebuild_tensor";
    if (!typed && function_ != "torch._utils._rebuild_tensor_v3") {
      fail("is made by " + in_quotes(function_) + "; only plain dense tensors can be read");
    }
    refuse_conjugate(typed ? 6 : 7);
    Tensor tensor;
    tensor.name = name_;
    read_storage(argument(0), tensor, typed);
    tensor.offset = static_cast<std::uint64_t>(integer(argument(1), "an offset"));
    tensor.shape = integers(argument(2));
    tensor.strides = integers(argument(3));
    check_bounds(tensor, tensors_.where_);
    if (whole_ && tensor.shape != integers(*whole_)) {
      fail("is a DTensor, of which this file has the part " + tensor.shape_text() +
           " of one process; save the whole: get_model_state_dict(model, "
           "options=StateDictOptions(full_state_dict=True))");
    }
    return tensor;
  }

 private:
  std::string place() const { return tensors_.where_ + ": tensor " + in_quotes(name_); }
  [[noreturn]] void fail(const std::string& what) const { throw Error(place(), what); }

  void take(const std::string& function, const PickleNode& arguments) {
    if (arguments.kind != PickleKind::tuple) fail("has no arguments");
    function_ = function;
    arguments_ = &arguments;
  }

  void unwrap(const PickleNode& node) {
    take(pickle_.name_of(node), pickle_[node.items[1]]);
    for (int depth = 0; depth < kMaxWrappers; ++depth) {
      if (is_parameter(function_)) {
        const PickleNode& inner = argument(0);
        if (!tensors_.is_tensor(inner)) fail("is a parameter without a tensor");
        take(pickle_.name_of(inner), pickle_[inner.items[1]]);
      } else if (function_ == kSubclass) {
        const PickleNode& arguments = argument(2);
        if (pickle_.name_of(argument(0)) == kWrapper) {
          take_local(arguments, argument(3));
        } else {
          take(pickle_.name_of(argument(0)), arguments);
        }
      } else {
        return;
      }
    }
    fail("is wrapped too often");
  }

  // A DTensor: what this process has of it lies among its attributes, as Python keeps those of slots.
  void take_local(const PickleNode& arguments, const PickleNode& state) {
    const PickleNode& attributes = state.items.size() == 2 ? pickle_[state.items[1]] : state;
    const PickleNode* local = pickle_.find(attributes, "_local_tensor");
    if (!local || !tensors_.is_tensor(*local) || arguments.items.size() < 3) {
      fail("wraps no tensor in a way that is known; save it after .full_tensor()");
    }
    const PickleNode* spec = pickle_.find(attributes, "_spec");
    const PickleNode* placements =
        spec && spec->state != PickleNode::kAbsent ? pickle_.find(pickle_[spec->state], "placements") : nullptr;
    for (const PickleId id : placements ? placements->items : std::vector<PickleId>{}) {
      if (pickle_.name_of(pickle_[id]).ends_with("Partial")) fail("is one summand of a DTensor; save .full_tensor()");
    }
    whole_ = &pickle_[arguments.items[2]];
    take(pickle_.name_of(*local), pickle_[local->items[1]]);
  }

  const PickleNode& argument(std::size_t index) const {
    if (index >= arguments_->items.size()) fail("lacks an argument of " + in_quotes(function_));
    return pickle_[arguments_->items[index]];
  }

  std::int64_t integer(const PickleNode& node, const char* what) const {
    if (node.kind != PickleKind::integer || node.integer < 0) {
      fail(std::string("has ") + what + " that is no number from 0 up");
    }
    return node.integer;
  }

  std::vector<std::int64_t> integers(const PickleNode& node) const {
    const PickleNode* tuple = &node;
    if (pickle_.name_of(node) == "torch.Size" && node.kind == PickleKind::object) {
      const PickleNode& arguments = pickle_[node.items[1]];
      if (arguments.items.size() == 1) tuple = &pickle_[arguments.items[0]];
    }
    if (tuple->kind != PickleKind::tuple && tuple->kind != PickleKind::list) fail("has a size that is no tuple");
    std::vector<std::int64_t> result;
    for (const PickleId id : tuple->items) result.push_back(integer(pickle_[id], "a size or stride"));
    return result;
  }

  // Flags that negate or conjugate when the tensor is read; a table that carries one would come out with other signs.
  void refuse_conjugate(std::size_t index) const {
    if (index >= arguments_->items.size()) return;
    const PickleNode& metadata = argument(index);
    if (!metadata.items.empty()) {
      fail("is a lazily negated or conjugated view; save it after .resolve_neg().resolve_conj()");
    }
  }

  void read_storage(const PickleNode& node, Tensor& tensor, bool typed) {
    const TorchStorageId id = read_torch_storage_id(pickle_, node, place());
    if (typed && id.untyped) fail("has a storage without a type");
    tensor.dtype = typed ? id.type : read_torch_dtype(pickle_, argument(6), place());
    std::shared_ptr<const Storage>& storage = tensors_.storages_[id.key];
    if (!storage) storage = tensors_.open_storage_(id.key);
    tensor.storage = storage;
    if (storage->size() != id.bytes()) {
      fail("has a storage of " + std::to_string(storage->size()) + " bytes where " + std::to_string(id.bytes()) +
           " should be: the file is truncated or damaged");
    }
  }

  TorchTensors& tensors_;
  const Pickle& pickle_;
  const std::string& name_;
  std::string function_;
  const PickleNode* arguments_ = nullptr;
  const PickleNode* whole_ = nullptr;  // the size of the tensor that is in parts
};

bool TorchTensors::is_tensor(const PickleNode& node) const {
  if (node.kind != PickleKind::object) return false;
  const std::string function = pickle_.name_of(node);
  return function.starts_with("torch._utils._rebuild_") || function.starts_with("torch._tensor._rebuild_");
}

Tensor TorchTensors::read(const PickleNode& node, const std::string& name) { return Call(*this, name).read(node); }

}  // namespace dinghy::converter
