// dinghy.User: a user's state, kept between requests.
#pragma once

#include <nanobind/nanobind.h>

#include <atomic>
#include <mutex>
#include <optional>

#include "bindings/python/src/model_object.h"
#include "bindings/python/src/scores.h"

namespace dinghy::python {

/// Threads take turns: each call holds the lock, which is never asked for with the GIL.
class UserObject {
 public:
  /// `model`: a ModelObject in Python.
  UserObject(nanobind::handle model, std::size_t max_history);

  void set(const Arguments& arguments);
  void append(nanobind::handle history);
  nanobind::object score(nanobind::handle candidates, bool attention);
  nanobind::object rescore(bool attention);

  ModelObject& model() const { return *nanobind::inst_ptr<ModelObject>(model_); }
  std::vector<std::size_t> history_lengths() const;
  std::size_t max_history() const noexcept { return max_history_; }

 private:
  /// A scorer with room for so many; a new one knows nothing of earlier candidates.
  Status make_room(std::size_t candidates);

  nanobind::object model_;
  std::size_t max_history_;
  mutable std::mutex mutex_;
  UserState state_;
  std::optional<Scorer> scorer_;
  std::size_t room_ = 0;
  std::atomic<std::size_t> scored_ = 0;  // candidates of the last successful score()
};

void define_user(nanobind::module_& module, nanobind::class_<ModelObject>& model);

}  // namespace dinghy::python
