// The arguments of one call: dicts of columns by name become the engine's columns. Needs the GIL.
#pragma once

#include <array>
#include <vector>

#include "bindings/python/src/column_data.h"
#include "dinghy/model.h"

namespace dinghy::python {

/// The four parts of a request, named as in the requests of the `dinghy` command.
enum class Part : std::uint8_t { user, context, history, candidates };
inline constexpr std::array kParts = {Part::user, Part::context, Part::history, Part::candidates};
const char* name_of(Part part) noexcept;

/// Which features each part of a model's requests has.
class RequestShape {
 public:
  explicit RequestShape(const Model& model);
  const std::vector<PartFeature>& features(Part part) const noexcept { return parts_[static_cast<std::size_t>(part)]; }
  std::size_t size() const noexcept { return size_; }  // features

 private:
  std::array<std::vector<PartFeature>, kParts.size()> parts_;
  std::size_t size_;
};

/// Made once, used for many calls; clear() between them.
class Arguments {
 public:
  explicit Arguments(const RequestShape& shape);

  /// Reads `values`, a dict or another mapping, a table with named columns or None. Errors: a name that this part has
  /// not, values that the feature does not take. That one is missing is the engine's to say.
  void read(Part part, nanobind::handle values);
  /// The same with all parts.
  void read(nanobind::handle user, nanobind::handle history, nanobind::handle candidates, nanobind::handle context);
  void clear();

  Columns user() const noexcept { return user_; }  // and context
  Columns history() const noexcept { return history_; }
  Columns candidates() const noexcept { return candidates_; }
  std::size_t candidate_count() const noexcept { return candidate_count_; }
  std::size_t longest_history() const noexcept { return longest_history_; }

 private:
  void read_one(Part part, PyObject* name, PyObject* value);
  std::size_t find(Part part, PyObject* name) const;

  const RequestShape& shape_;
  std::array<std::vector<ColumnData>, kParts.size()> data_;
  std::vector<Column> user_, history_, candidates_;
  std::size_t candidate_count_ = 0, longest_history_ = 0;
};

}  // namespace dinghy::python
