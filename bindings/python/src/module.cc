// The extension module dinghy._engine.
#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "bindings/python/src/arrow_batch.h"
#include "bindings/python/src/descriptions.h"
#include "bindings/python/src/errors.h"
#include "bindings/python/src/memo_object.h"
#include "bindings/python/src/model_object.h"
#include "bindings/python/src/opening.h"
#include "bindings/python/src/rows_object.h"
#include "bindings/python/src/user_object.h"
#include "dinghy/isa.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace dinghy::python {
namespace {

constexpr const char* kScore =
    R"(Click probabilities of candidates for a user.

All four parts are dicts (or other mappings, or DataFrames) of values by the names in `features`; a part that the
model has no feature of may be left out.

user, context: one value each: an id, a sequence of ids for a bag, a number or a sequence of numbers.
history: a sequence for each feature with `in_history`, one value a behaviour, oldest first; may be empty.
candidates: a sequence for each candidate feature, one value a candidate.
attention: also return the weights that the behaviours had.

A sequence is a list or tuple, an array of NumPy with any type of integers (ids) or any type of floats or integers
(numbers), a column of pandas or polars, or whatever has __array__. Bags are sequences of sequences or arrays of
two dimensions, and so are numbers where `dense_width` is more than 1. Contiguous arrays of int64 and float32 are
read in place: no other thread may write to them during the call.

Returns a float32 array of the shape (candidates,); with attention a tuple of it and a list of float32 arrays of the
shape (candidates, behaviours), one for each interest, behaviour 0 the oldest kept.

Raises InvalidArgumentError for values that do not fit (a name, a length, a NaN), ArgumentTypeError for types that
do not, MissingIdError for an id without a row where the table wants one, EmptyHistoryError where the model has no
score for an empty history. Computes without the GIL; any number of threads may call.)";

void run_without_gil(const ModelObject& model, Status (*run)(const Model&, std::string_view),
                     const std::optional<std::string>& isa) {
  Status status;
  {
    const nb::gil_scoped_release released;
    status = run(model.model(), isa ? std::string_view(*isa) : std::string_view());
  }
  require(status);
}

constexpr const char* kPrefetch =
    R"(Asks the operating system for the pages that the rows of these ids lie on, all at once, without waiting for them.

Call it as soon as the candidates are known and score when they have come: on a cold table this is many times faster
than letting every row fault in turn. Parts as in `score`; any of them, and of their features, may be left out. Ids
without a row are passed over. Where a table has a vocabulary that is not in memory, its pages are asked for and those
of the rows are not: call again.)";

constexpr const char* kPin =
    R"(Reads the rows of these ids and keeps their pages in memory while the model lives: the rows that most requests need.

Parts as in `prefetch`. Raises FileError where the process may not lock so much memory (RLIMIT_MEMLOCK),
UnsupportedError for a model from bytes.)";

template <Status (Model::*call)(Columns) const noexcept>
void for_rows(ModelObject& model, nb::handle user, nb::handle history, nb::handle candidates, nb::handle context) {
  const auto lease = model.call();
  Arguments& arguments = lease->arguments;
  arguments.read(user, history, candidates, context);
  Status status;
  {
    const nb::gil_scoped_release released;
    for (const Columns columns : {arguments.user(), arguments.history(), arguments.candidates()}) {
      status = (model.model().*call)(columns);
      if (!status.ok()) break;
    }
  }
  require(status);
}

void selftest(const ModelObject& model, const std::optional<std::string>& isa) {
  run_without_gil(
      model, [](const Model& tested, std::string_view name) { return tested.selftest(name); },
      isa ? isa : model.settings().isa);
}

void verify(const ModelObject& model) {
  run_without_gil(model, [](const Model& verified, std::string_view) { return verified.verify(); }, {});
}

std::string repr(const ModelObject& model) {
  return "<dinghy.Model '" + std::string(model.model().name()) + "', " + std::to_string(model.shape().size()) +
         " features, on " + model.isa() + ">";
}

std::vector<std::string> available_isas() {
  std::vector<std::string> names;
  for (const Isa& isa : isas()) {
    if (isa.available) names.emplace_back(isa.name);
  }
  return names;
}

nb::class_<ModelObject> define_model(nb::module_& module) {
  nb::class_<ModelObject> model(module, "Model",
                                "A model file, mapped and verified: `dinghy.open` opens it.\n\n"
                                "Immutable, and shared by threads without locks. Pickles as its path and hash.");
  model
      .def("score", &ModelObject::score, nb::kw_only(), "user"_a = nb::none(), "history"_a = nb::none(),
           "candidates"_a = nb::none(), "context"_a = nb::none(), "attention"_a = false, kScore)
      .def("prefetch", for_rows<&Model::prefetch>, nb::kw_only(), "user"_a = nb::none(), "history"_a = nb::none(),
           "candidates"_a = nb::none(), "context"_a = nb::none(), kPrefetch)
      .def("pin", for_rows<&Model::pin>, nb::kw_only(), "user"_a = nb::none(), "history"_a = nb::none(),
           "candidates"_a = nb::none(), "context"_a = nb::none(), kPin)
      .def("selftest", selftest, "isa"_a = nb::none(),
           "Scores the golden rows in the file and compares with what the original framework gave.\n\n"
           "isa: the instruction set; without it that of the model. Raises WrongScoresError naming the row that is\n"
           "furthest off, UnsupportedError for a file without golden rows.")
      .def("verify", verify,
           "Reads the whole file and compares its hashes: finds what a broken disk or transfer does.\n\n"
           "Raises BadFileError naming the damaged part, UnsupportedError for a file without hashes.")
      .def_prop_ro("isa", &ModelObject::isa, "The instruction set that scores are computed with.")
      .def_prop_ro(
          "path", [](const ModelObject& self) { return self.path(); },
          "The file's path; empty for a model from bytes or an open file.")
      .def_prop_ro("hash", &ModelObject::hash,
                   "Tells one model file from another: of the metadata, in which the hashes of all numbers stand.")
      .def_prop_ro(
          "memo", [](const ModelObject& self) { return self.settings().memo; },
          "What the model remembers of pairs; None unless it was opened with a memo.")
      .def("__repr__", repr);
  return model;
}

}  // namespace

NB_MODULE(_engine, module) {
  nb::set_leak_warnings(false);  // models in globals of the application, when the interpreter ends
  module.doc() = "Dinghy's engine: what the package `dinghy` consists of, but for the converter.";
  define_memo(module);
  nb::class_<ModelObject> model = define_model(module);
  define_descriptions(module, model);
  define_rows(module, model);
  define_user(module, model);
  define_arrow(module, model);
  define_opening(module, model);
  module.def("isas", available_isas, "The instruction sets that this machine can run, the preferred one first.");
}

}  // namespace dinghy::python
