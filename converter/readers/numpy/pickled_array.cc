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

// Python 3 writes bytes into protocol 2 as a text with a character for each byte; those from 0x80 on take two.
std::vector<std::byte> from_latin1(std::string_view text, const std::string& where) {
  std::vector<std::byte> bytes;
  bytes.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x80) {
      bytes.push_back(std::byte{c});
    } else if ((c == 0xc2 || c == 0xc3) && i + 1 < text.size()) {
      bytes.push_back(std::byte(((c & 3) << 6) | (static_cast<unsigned char>(text[++i]) & 0x3f)));
    } else {
      throw Error(where, "holds a character that is no byte: the file is damaged");
    }
  }
  return bytes;
}

class PartsReader {
 public:
  PartsReader(const Pickle& pickle, const std::string& where) : pickle_(pickle), where_(where) {}

  PickledArray read(const PickleNode& node) {
    const PickleNode& state = pickle_[node.state];  // version, shape, dtype, fortran_order, bytes
    if (state.kind != PickleKind::tuple || state.items.size() != 5) fail("has no shape, type and bytes");
    PickledArray array;
    array.shape = shape(pickle_[state.items[1]]);
    array.descr = pickled_descr(pickle_, pickle_[state.items[2]], where_);
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

 private:
  [[noreturn]] void fail(const std::string& what) const { throw Error(where_, what + ": the file is damaged"); }

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
    const std::string function = pickle_.name_of(node);
    if (node.kind == PickleKind::object && function == "_codecs.encode") {
      const PickleNode& arguments = pickle_[node.items[1]];
      const PickleNode* text = arguments.items.empty() ? nullptr : &pickle_[arguments.items[0]];
      if (!text || text->kind != PickleKind::text) fail("has bytes that are no text");
      return std::make_shared<BufferStorage>(from_latin1(text->text, where_));
    }
    // Python 3's empty bytes in protocol 2.
    if (function == "__builtin__.bytes" || function == "builtins.bytes") {
      return std::make_shared<BufferStorage>(std::vector<std::byte>());
    }
    throw Error(where_, kObjects);
  }

  const Pickle& pickle_;
  const std::string& where_;
};

}  // namespace

bool is_pickled_array(const Pickle& pickle, const PickleNode& node) {
  if (node.kind != PickleKind::object || node.state == PickleNode::kAbsent) return false;
  const std::string function = pickle.name_of(node);
  return function == "numpy.core.multiarray._reconstruct" || function == "numpy._core.multiarray._reconstruct";
}

std::string pickled_descr(const Pickle& pickle, const PickleNode& node, const std::string& where) {
  const auto fail = [&](const char* what) { throw Error(where, std::string(what) + ": the file is damaged"); };
  // numpy.dtype('f4', …) with the state (3, '<', …).
  if (pickle.name_of(node) != "numpy.dtype" || node.kind != PickleKind::object) fail("has no dtype");
  const PickleNode& arguments = pickle[node.items[1]];
  const PickleNode* state = node.state == PickleNode::kAbsent ? nullptr : &pickle[node.state];
  if (arguments.items.empty() || !state || state->kind != PickleKind::tuple || state->items.size() < 2) {
    fail("has a dtype without a byte order");
  }
  const PickleNode& kind = pickle[arguments.items[0]];
  const PickleNode& order = pickle[state->items[1]];
  if (kind.kind != PickleKind::text || order.kind != PickleKind::text) fail("has a dtype without a name");
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
