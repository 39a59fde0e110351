#include "bindings/python/src/user_object.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/vector.h>

#include <algorithm>

#include "bindings/python/src/errors.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace dinghy::python {
namespace {

UserState make_state(const ModelObject& model, std::size_t max_history) {
  Result<UserState> state =
      UserState::create(model.model(), {.max_history = max_history, .isa = model.settings().isa_name()});
  require(state.status());
  return std::move(*state);
}

// What the model says; where it says nothing, room for as many clicks again.
std::size_t default_history(const Model& model, std::size_t length) {
  return model.trained_history() > 0 ? model.trained_history() : std::max<std::size_t>(100, 2 * length);
}

void read_user(Arguments& arguments, nb::handle user, nb::handle history, nb::handle context) {
  arguments.read(Part::user, user);
  arguments.read(Part::context, context);
  arguments.read(Part::history, history);
}

UserObject* make_user(nb::handle model, nb::handle user, nb::handle history, nb::handle context,
                      std::optional<std::size_t> max_history) {
  auto& object = *nb::inst_ptr<ModelObject>(model);
  const auto call = object.call();
  read_user(call->arguments, user, history, context);
  auto made = std::make_unique<UserObject>(
      model, max_history.value_or(default_history(object.model(), call->arguments.longest_history())));
  made->set(call->arguments);
  return made.release();
}

}  // namespace

UserObject::UserObject(nb::handle model, std::size_t max_history)
    : model_(nb::borrow(model)), max_history_(max_history), state_(make_state(this->model(), max_history)) {}

void UserObject::set(const Arguments& arguments) {
  Status status;
  {
    const nb::gil_scoped_release released;
    const std::lock_guard lock(mutex_);
    status = state_.set(arguments.user(), arguments.history());
  }
  require(status);
}

void UserObject::append(nb::handle history) {
  const auto call = model().call();
  call->arguments.read(Part::history, history);
  Status status;
  {
    const nb::gil_scoped_release released;
    const std::lock_guard lock(mutex_);
    status = state_.append(call->arguments.history());
  }
  require(status);
}

Status UserObject::make_room(std::size_t candidates) {
  if (scorer_ && candidates <= room_) return Status();
  Result<Scorer> scorer = make_scorer(model().model(), model().settings(), candidates, max_history_);
  if (!scorer.ok()) return scorer.status();
  scorer_.emplace(std::move(*scorer));
  room_ = candidates;
  scored_ = 0;
  return Status();
}

nb::object UserObject::score(nb::handle candidates, bool attention) {
  const auto call = model().call();
  Arguments& arguments = call->arguments;
  arguments.read(Part::candidates, candidates);
  ScoreArray scores(arguments.candidate_count());
  AttentionWeights weights;
  Status status;
  {
    const nb::gil_scoped_release released;
    const std::lock_guard lock(mutex_);
    status = make_room(arguments.candidate_count());
    if (status.ok() && attention) status = weights.allocate(model().model(), state_, arguments.candidate_count());
    if (status.ok()) status = scorer_->score(state_, arguments.candidates(), scores.span(), weights.span());
    if (status.ok()) scored_ = arguments.candidate_count();
  }
  require(status);
  return result_of(scores, weights, attention);
}

nb::object UserObject::rescore(bool attention) {
  ScoreArray scores(scored_);
  AttentionWeights weights;
  Status status;
  {
    const nb::gil_scoped_release released;
    const std::lock_guard lock(mutex_);
    if (!scorer_) status = Status::error(Code::invalid_argument, "nothing to score again: call score() first");
    if (status.ok() && attention) status = weights.allocate(model().model(), state_, scores.span().size());
    if (status.ok()) status = scorer_->rescore(state_, scores.span(), weights.span());
  }
  require(status);
  return result_of(scores, weights, attention);
}

std::vector<std::size_t> UserObject::history_lengths() const {
  const nb::gil_scoped_release released;
  const std::lock_guard lock(mutex_);
  std::vector<std::size_t> lengths;
  for (std::size_t i = 0; i < model().model().interests(); ++i) lengths.push_back(state_.history_length(i));
  return lengths;
}

void define_user(nb::module_& module, nb::class_<ModelObject>& model) {
  nb::class_<UserObject>(module, "User",
                         "A user's features and behaviour history, kept between calls: `Model.user` makes one.\n\n"
                         "Threads that share one take turns.")
      .def(
          "set",
          [](UserObject& self, nb::handle user, nb::handle history, nb::handle context) {
            const auto call = self.model().call();
            read_user(call->arguments, user, history, context);
            self.set(call->arguments);
          },
          nb::kw_only(), "user"_a = nb::none(), "history"_a = nb::none(), "context"_a = nb::none(),
          "Replaces features and history, as `Model.user` takes them. After an error the user is empty until the next "
          "set.")
      .def("append", &UserObject::append, "history"_a,
           "Adds behaviours behind the history, columns as in `Model.score`; beyond `max_history` the oldest leave.\n\n"
           "After an error the user is as before.")
      .def("score", &UserObject::score, "candidates"_a, nb::kw_only(), "attention"_a = false,
           "Scores candidates for the user as it is now. Arguments, result and errors are those of `Model.score`.")
      .def("rescore", &UserObject::rescore, nb::kw_only(), "attention"_a = false,
           "Scores the candidates of the last successful `score` again, for the user as it is now.\n\n"
           "After `append` only the new behaviours are computed: for one click and a hundred candidates a small part\n"
           "of a `score`. Result and errors are those of `Model.score`.")
      .def_prop_ro("history_lengths", &UserObject::history_lengths, "The behaviours kept, a number for each interest.")
      .def_prop_ro("max_history", &UserObject::max_history, "Behaviours that are kept at most.");
  model.def(
      "user", make_user, nb::kw_only(), "user"_a = nb::none(), "history"_a = nb::none(), "context"_a = nb::none(),
      "max_history"_a = nb::none(),
      "A user whose state is kept between requests. Arguments as in `score`.\n\n"
      "max_history: behaviours kept at most. Without it `trained_history`; where the model states none, twice the\n"
      "history given, at least 100. A longer history keeps what the model says, mostly its last.");
}

}  // namespace dinghy::python
