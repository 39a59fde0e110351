#include "converter/readers/numpy/pickled_array.h"

#include <cstring>

#include "converter/error.h"
#include "converter/readers/numpy/dtype.h"
#include "converter/readers/storage.h"
#include "converter/readers/tensor_bounds.h"

namespace dinghy::converter {
namespace {

constexpr const char* kObjects = "holds Python objects, which are never loaded; save numeric arrays only";

// A part of the pickle, as long as its bytes live.
class PickleBytes : public Storage {
 public:
  PickleBytes(std::shared_ptr<const void> owner, std::string_view bytes) : owner_(std::move(owner)), bytes_(bytes) {}
  std::uint64_t size() const override { return bytes_.size(); }
  void read(std::uint64_t offset, std::span<std::byte> out) const override {
    if (!out.empty()) std::memcpy(out.data(), bytes_.data() + offset, out.size());
  }

 private:
  std::shared_ptr<const void> owner_;
  std::string_view bytes_;
};

// As protocol 5 has arrays of numbers and texts.
bool is_buffer(const Pickle& pickle, const PickleNode& node) {
  const std::string function = pickle.name_of(node);
  return function == "numpy.core.numeric._frombuffer" || function == "numpy._core.numeric._frombuffer";
}

class PartsReader {
 public:
  PartsReader(const Pickle& pickle, const std::string& where) : pickle_(pickle), where_(where) {}

  PickledArray read(const PickleNode& node) { return is_buffer(pickle_, node) ? of_buffer(node) : of_state(node); }

 private:
  [[noreturn]] void fail(const std::string& what) const { throw Error(where_, what + ": the file is damaged"); }

  PickledArray of_state(const PickleNode& node) const {
    const PickleNode& state = pickle_[node.state];  // version, shape, dtype, fortran_order, bytes
    if (state.kind != PickleKind::tuple || state.items.size() != 5) fail("has no shape, type and bytes");
    PickledArray array;
    array.shape = shape(pickle_[state.items[1]]);
    array.descr = pickled_descr(pickle_, pickle_[state.items[2]]);
    const PickleNode& fortran = pickle_[state.items[3]];
    if (fortran.kind != PickleKind::boolean) fail("has a fortran_order that is neither True nor False");
    array.fortran_order = fortran.integer != 0;
    const PickleNode& data = pickle_[state.items[4]];
    if (data.kind == PickleKind::list) {
      array.objects = &data;
    } else {
      array.bytes = bytes(data);
    }
    return array;
  }

  PickledArray of_buffer(const PickleNode& node) const {
    const PickleNode& arguments = pickle_[node.items[1]];  // bytes, dtype, shape, order
    if (arguments.items.size() != 4) fail("has no bytes, type and shape");
    PickledArray array;
    array.shape = shape(pickle_[arguments.items[2]]);
    array.descr = pickled_descr(pickle_, pickle_[arguments.items[1]]);
    const PickleNode& order = pickle_[arguments.items[3]];
    if (order.text != "C" && order.text != "F") fail("has an order that is neither C nor F");
    array.fortran_order = order.text == "F";
    array.bytes = bytes(pickle_[arguments.items[0]]);
    return array;
  }

  std::vector<std::int64_t> shape(const PickleNode& node) const {
    if (node.kind != PickleKind::tuple) fail("has a shape that is no tuple");
    std::vector<std::int64_t> result;
    for (const PickleId id : node.items) {
      if (pickle_[id].kind != PickleKind::integer) fail("has a shape that is no tuple of numbers");
      result.push_back(pickle_[id].integer);
    }
    return result;
  }

  std::shared_ptr<const Storage> bytes(const PickleNode& node) const {
    const bool plain = node.kind == PickleKind::bytes || node.kind == PickleKind::text;  // text: Python 2's str
    if (plain) return std::make_shared<PickleBytes>(pickle_.owner(), node.text);
    throw Error(where_, kObjects);
  }

  const Pickle& pickle_;
  const std::string& where_;
};

}  // namespace

bool is_pickled_array(const Pickle& pickle, const PickleNode& node) {
  if (node.kind != PickleKind::object) return false;
  if (node.state == PickleNode::kAbsent) return is_buffer(pickle, node);
  const std::string function = pickle.name_of(node);
  return function == "numpy.core.multiarray._reconstruct" || function == "numpy._core.multiarray._reconstruct";
}

// numpy.dtype('f4', …) with the state (3, '<', …).
std::string pickled_descr(const Pickle& pickle, const PickleNode& node) {
  if (pickle.name_of(node) != "numpy.dtype" || node.kind != PickleKind::object) return "";
  const PickleNode& arguments = pickle[node.items[1]];
  const PickleNode* state = node.state == PickleNode::kAbsent ? nullptr : &pickle[node.state];
  if (arguments.items.empty() || !state || state->kind != PickleKind::tuple || state->items.size() < 2) return "";
  const PickleNode& kind = pickle[arguments.items[0]];
  const PickleNode& order = pickle[state->items[1]];
  if (kind.kind != PickleKind::text || order.kind != PickleKind::text || order.text.size() != 1) return "";
  return std::string(order.text) + std::string(kind.text);
}

PickledArray pickled_array_parts(const Pickle& pickle, const PickleNode& node, const std::string& where) {
  return PartsReader(pickle, where).read(node);
}

Tensor read_pickled_array(const Pickle& pickle, const PickleNode& node, std::string name, DType u16,
                          const std::string& where) {
  PickledArray array = pickled_array_parts(pickle, node, where);
  if (array.objects) throw Error(where, kObjects);
  Tensor tensor;
  tensor.name = std::move(name);
  tensor.shape = std::move(array.shape);
  tensor.dtype = array.descr == "<u2" ? u16 : read_numpy_dtype(array.descr, where);
  tensor.strides = dense_strides(tensor.shape, array.fortran_order, where);
  tensor.storage = std::move(array.bytes);
  const std::uint64_t held = tensor.storage->size();
  if (held / size_of(tensor.dtype) != tensor.numel() || held % size_of(tensor.dtype) != 0) {
    throw Error(where, "has " + std::to_string(held) + " bytes, which is not " + tensor.shape_text() + " of " +
                           name_of(tensor.dtype) + ": the file is damaged");
  }
  check_bounds(tensor, where);
  return tensor;
}

}  // namespace dinghy::converter
