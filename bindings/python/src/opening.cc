#include "bindings/python/src/opening.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/variant.h>

#include <cstring>
#include <new>

#include "bindings/python/src/errors.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace dinghy::python {
namespace {

using Memo = std::optional<MemoSource>;

Settings settings_of(std::optional<std::string> isa, const std::string& integers, Memo memo) {
  Settings settings{.isa = std::move(isa), .integers = Integers::when_faster, .memo_source = std::move(memo)};
  if (integers == "when_faster") return settings;
  if (integers != "always" && integers != "never") {
    raise_value("integers is \"" + integers + "\"; there are when_faster, always and never");
  }
  settings.integers = integers == "always" ? Integers::always : Integers::never;
  return settings;
}

const char* word_of(Integers integers) {
  constexpr const char* kWords[] = {"when_faster", "always", "never"};
  return kWords[static_cast<std::size_t>(integers)];
}

template <class Open>
ModelObject* opened(Open&& open, Settings settings, std::string path = {}, bool copied = false) {
  std::optional<Result<Model>> model;
  std::optional<Result<PairMemo>> memo;
  {
    const nb::gil_scoped_release released;
    model.emplace(open());
    if (model->ok() && settings.memo_source) {
      memo.emplace(make_memo(**model, *settings.memo_source, copied, settings.isa_name(), settings.integers));
    }
  }
  require(model->status(), path);
  if (memo) {
    const auto* const memo_path = std::get_if<std::string>(&*settings.memo_source);
    require(memo->status(), memo_path != nullptr ? *memo_path : "memo");
    settings.memo = std::move(**memo);
  }
  return new ModelObject(std::move(**model), std::move(settings), std::move(path), copied);
}

ModelObject* open_path(const std::string& path, bool copy, std::optional<std::string> isa, const std::string& integers,
                       Memo memo) {
  return opened([&] { return copy ? Model::read(path.c_str()) : Model::open(path.c_str()); },
                settings_of(std::move(isa), integers, std::move(memo)), path, copy);
}

ModelObject* open_descriptor(int descriptor, std::uint64_t begin, std::optional<std::string> isa,
                             const std::string& integers, Memo memo) {
  return opened([&] { return Model::open(descriptor, begin, 0); },
                settings_of(std::move(isa), integers, std::move(memo)));
}

// Bytes that a model uses, and whoever owns them: a buffer of Python's, or a copy.
struct Bytes {
  static constexpr std::align_val_t kAlignment{64};

  Py_buffer view = {};
  void* copy = nullptr;

  // Called by the thread that drops the last handle of the model, which may not have the GIL.
  static void release(void* context) {
    auto* const bytes = static_cast<Bytes*>(context);
    if (bytes->copy != nullptr) ::operator delete(bytes->copy, kAlignment);
    if (bytes->view.obj != nullptr) {
      const nb::gil_scoped_acquire gil;
      PyBuffer_Release(&bytes->view);
    }
    delete bytes;
  }
};

ModelObject* open_bytes(nb::handle source, std::optional<std::string> isa, const std::string& integers, Memo memo) {
  Settings settings = settings_of(std::move(isa), integers, std::move(memo));
  auto bytes = std::make_unique<Bytes>();
  if (PyObject_GetBuffer(source.ptr(), &bytes->view, PyBUF_SIMPLE) != 0) throw nb::python_error();
  const void* data = bytes->view.buf;
  const auto size = static_cast<std::size_t>(bytes->view.len);
  if (bytes->view.readonly == 0 || reinterpret_cast<std::uintptr_t>(data) % 4 != 0) {
    bytes->copy = ::operator new(size, Bytes::kAlignment);  // what others may write to, or where no model may lie
    std::memcpy(bytes->copy, data, size);
    data = bytes->copy;
    PyBuffer_Release(&bytes->view);
  }
  const std::span file(static_cast<const std::byte*>(data), size);
  return opened([&] { return Model::from_memory(file, {.release = Bytes::release, .context = bytes.release()}); },
                std::move(settings));
}

nb::object reduce(const ModelObject& model) {
  if (model.path().empty()) {
    raise_type("this model was opened from memory and has no path to pickle; open it by its path");
  }
  return nb::make_tuple(nb::module_::import_("dinghy.opening").attr("reopen"),
                        nb::make_tuple(model.path(), model.hash(), model.copied(), model.settings().isa,
                                       word_of(model.settings().integers), model.settings().memo_source));
}

}  // namespace

void define_opening(nb::module_& module, nb::class_<ModelObject>& model) {
  const auto isa = "isa"_a.none();
  const auto memo = "memo"_a.none();
  module.def("_open_path", open_path, "path"_a, "copy"_a, isa, "integers"_a, memo);
  module.def("_open_descriptor", open_descriptor, "descriptor"_a, "begin"_a, isa, "integers"_a, memo);
  module.def("_open_bytes", open_bytes, "source"_a, isa, "integers"_a, memo);
  model.def("__reduce__", reduce);
  model.def("__copy__", [](nb::handle self) { return nb::borrow(self); });
  model.def("__deepcopy__", [](nb::handle self, nb::handle) { return nb::borrow(self); }, "memo"_a);
}

}  // namespace dinghy::python
