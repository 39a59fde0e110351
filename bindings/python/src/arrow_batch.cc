#include "bindings/python/src/arrow_batch.h"

#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "bindings/python/src/arrow_column.h"
#include "bindings/python/src/arrow_input.h"
#include "bindings/python/src/arrow_scores.h"
#include "bindings/python/src/errors.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace dinghy::python {
namespace {

constexpr const char* kScoreArrow =
    R"(Scores of a batch with a request in each row, read by Arrow's C interface where it lies.

batch: a record batch, a table or a data frame of pyarrow, polars, duckdb or pandas: whatever has __arrow_c_array__ or
__arrow_c_stream__. Columns are called as the features, those of the history `hist_` and the feature's name; others
are passed over. `user` and `context` have a value a row, the history a list. Candidates have a list, or all of them
one value a row. Integers of any type are ids, as dictionaries too; lists, large lists, lists of fixed size and views
are the same.
columns: the names of columns that are called otherwise, {"history.item": "clicks", "candidates.item": "page"}.
errors: "raise" stops at the first row that cannot be scored, with its number; "collect" gives it a null, and its
error in `errors`.

Returns ArrowScores, an Arrow array of list<float32>, or of float32 with one candidate a row: pyarrow.array(scores),
polars.Series(scores).

Raises ArgumentTypeError for a column of a type that its feature does not take, InvalidArgumentError for one that is
missing; for a row, which the message begins with, what `score` raises. Computes without the GIL, in one thread; any
number of threads may call.)";

using Names = std::map<std::string, std::string>;

std::string quoted(const std::string& column) { return "column \"" + column + "\""; }

// The first row that cannot be scored; leaves the loop without the GIL, and is raised with it.
struct WrongRow {
  std::int64_t row;
  Status status;
};

/// One column for each feature in each part, by its name.
std::vector<ArrowColumn> columns_of(const RequestShape& shape, const Names& names) {
  std::vector<ArrowColumn> columns;
  Names unused = names;
  std::set<std::string> usual;
  std::string keys;
  for (const Part part : kParts) {
    for (const PartFeature& feature : shape.features(part)) {
      const std::string text = nb::borrow<nb::str>(feature.name).c_str();
      const std::string key = std::string(name_of(part)) + "." + text;
      keys += (keys.empty() ? "" : ", ") + key;
      std::string name = (part == Part::history ? "hist_" : "") + text;
      if (const auto found = unused.extract(key); !found.empty()) {
        name = found.mapped();
      } else if (!usual.insert(name).second) {
        raise_value(quoted(name) + " would be read for two features; say by `columns` where the values of " + key +
                    " are");
      }
      columns.emplace_back(part, feature, std::move(name));
    }
  }
  if (!unused.empty()) raise_value("`columns` has no use for \"" + unused.begin()->first + "\"; it takes " + keys);
  return columns;
}

/// Scores rows without the GIL.
class BatchScorer {
 public:
  BatchScorer(const ModelObject& model, Session& session, std::vector<ArrowColumn> columns)
      : model_(model), session_(session), columns_(std::move(columns)) {}

  void set_schema(const ArrowSchema& schema);
  bool flat() const noexcept { return flat_; }
  void bind(const ArrowArray& batch);
  /// The scores of a row of the batch that was bound.
  Status score(std::int64_t row, ArrowScores& scores) try {
    if (!valid_[row]) return Status::error(Code::invalid_argument, "the row is null");
    return score_columns(row + offset_, scores);
  } catch (const ArrowValueError& error) {
    return Status::error(Code::invalid_argument, "%s", error.what());
  }

 private:
  Status score_columns(std::int64_t index, ArrowScores& scores);

  const ModelObject& model_;
  Session& session_;
  std::vector<ArrowColumn> columns_;
  std::vector<std::size_t> children_;  // of the batch, one for each column
  bool flat_ = false;
  std::int64_t offset_ = 0;
  Validity valid_;
  std::vector<Column> user_, history_, candidates_;
};

void BatchScorer::set_schema(const ArrowSchema& schema) {
  const ArrowColumn* first = nullptr;
  for (ArrowColumn& column : columns_) {
    std::optional<std::size_t> child;
    for (std::int64_t i = 0; i < schema.n_children; ++i) {
      if (schema.children[i]->name == nullptr || column.name() != schema.children[i]->name) continue;
      if (child) throw ArrowTypeError("the batch has " + quoted(column.name()) + " twice");
      child = static_cast<std::size_t>(i);
    }
    if (!child) throw ArrowValueError("the batch has no " + quoted(column.name()));
    children_.push_back(*child);
    try {
      column.set_type(*schema.children[*child]);
    } catch (const ArrowTypeError& error) {
      throw ArrowTypeError(quoted(column.name()) + " " + error.what());
    }
    if (column.part() != Part::candidates) continue;
    if (first == nullptr) first = &column;
    if (first->lists() != column.lists()) {
      throw ArrowTypeError("of " + quoted(first->name()) + " and " + quoted(column.name()) +
                           " one has lists of candidates, the other one candidate a row");
    }
  }
  flat_ = first != nullptr && !first->lists();
}

void BatchScorer::bind(const ArrowArray& batch) {
  valid_.bind(batch);
  offset_ = batch.offset;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const ArrowArray* const child =
        static_cast<std::int64_t>(children_[i]) < batch.n_children ? batch.children[children_[i]] : nullptr;
    if (child == nullptr || child->length < batch.offset + batch.length) {
      throw ArrowTypeError(quoted(columns_[i].name()) + " is shorter than its batch");
    }
    columns_[i].bind(*child);
  }
}

Status BatchScorer::score_columns(std::int64_t index, ArrowScores& scores) {
  user_.clear();
  history_.clear();
  candidates_.clear();
  std::size_t behaviours = 0, candidates = 0;
  for (ArrowColumn& column : columns_) {
    const Part part = column.part();
    try {
      (part == Part::history ? history_ : part == Part::candidates ? candidates_ : user_).push_back(column.row(index));
    } catch (const ArrowValueError& error) {
      return Status::error(Code::invalid_argument, "%s: %s", quoted(column.name()).c_str(), error.what());
    }
    if (part == Part::history) behaviours = std::max(behaviours, column.count());
    if (part == Part::candidates) candidates = std::max(candidates, column.count());
  }
  Status status = session_.prepare(model_.model(), model_.settings(), candidates, behaviours);
  if (status.ok()) status = session_.user().set(user_, history_);
  if (status.ok()) status = session_.scorer().score(session_.user(), candidates_, scores.begin(candidates));
  return status;
}

ArrowScores score_all(ArrowInput& input, BatchScorer& scorer, bool collect) {
  scorer.set_schema(input.schema());
  ArrowScores scores(scorer.flat());
  while (const ArrowArray* const batch = input.next()) {
    scorer.bind(*batch);
    for (std::int64_t row = 0; row < batch->length; ++row) {
      const Status status = scorer.score(row, scores);
      if (status.ok()) {
        scores.end();
      } else if (collect && status.code() != Code::out_of_memory) {
        scores.fail(status.message());
      } else {
        throw WrongRow{.row = scores.rows(), .status = status};
      }
    }
  }
  return scores;
}

ArrowScores score_arrow(ModelObject& model, nb::handle batch, const std::optional<Names>& columns,
                        const std::string& errors) {
  constexpr std::size_t kKept = 4096;  // candidates or behaviours for which a call keeps its memory
  if (errors != "raise" && errors != "collect") raise_value("errors is \"" + errors + "\", not raise or collect");
  std::vector<ArrowColumn> bound = columns_of(model.shape(), columns ? *columns : Names());
  ArrowInput input(batch);
  const auto call = model.call();
  BatchScorer scorer(model, call->session, std::move(bound));
  try {
    const nb::gil_scoped_release released;
    ArrowScores scores = score_all(input, scorer, errors == "collect");
    call->session.shrink(kKept);
    return scores;
  } catch (const ArrowTypeError& error) {
    raise_type(error.what());
  } catch (const ArrowValueError& error) {
    raise_value(error.what());
  } catch (const WrongRow& wrong) {
    require(wrong.status, "row " + std::to_string(wrong.row));
    throw;
  }
}

}  // namespace

void define_arrow(nb::module_& module, nb::class_<ModelObject>& model) {
  nb::class_<ArrowScores>(module, "ArrowScores", "The scores of a batch, an array for other libraries to take over.")
      .def(
          "__arrow_c_array__", [](const ArrowScores& self, nb::handle) { return self.capsules(); },
          "requested_schema"_a = nb::none(), "The array as capsules of Arrow's C interface, without a copy.")
      .def_prop_ro(
          "errors", [](const ArrowScores& self) { return self.errors(); },
          "Why rows have no scores, by their numbers: what is wrong, with the column.")
      .def("__len__", &ArrowScores::rows)
      .def("__repr__", [](const ArrowScores& self) {
        return "<dinghy.ArrowScores of " + std::to_string(self.rows()) + " rows, " +
               std::to_string(self.errors().size()) + " without scores>";
      });
  model.def("score_arrow", score_arrow, "batch"_a.none(), nb::kw_only(), "columns"_a = nb::none(), "errors"_a = "raise",
            kScoreArrow);
  model.def(
      "_column_names",
      [](const ModelObject& self, const Names& columns) {
        std::vector<std::string> names;
        for (const ArrowColumn& column : columns_of(self.shape(), columns)) names.push_back(column.name());
        return names;
      },
      "columns"_a, "The columns that score_arrow reads.");
}

}  // namespace dinghy::python
