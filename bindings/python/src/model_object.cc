#include "bindings/python/src/model_object.h"

#include <cstdio>

#include "bindings/python/src/errors.h"
#include "bindings/python/src/scores.h"
#include "schema/header.h"

namespace nb = nanobind;

namespace dinghy::python {

ModelObject::ModelObject(Model model, Settings settings, std::string path, bool copied)
    : model_(std::move(model)),
      settings_(std::move(settings)),
      path_(std::move(path)),
      copied_(copied),
      shape_(model_) {
  const auto first = call();  // an ISA that cannot run is an error now, not with the first request
  require(first->session.prepare(model_, settings_, 0, 0));
  isa_ = first->session.scorer().isa();
}

std::string ModelObject::hash() const {
  format::Header header{};
  format::read_header(reinterpret_cast<const unsigned char*>(model_.file().data()), header);
  char text[40];
  std::snprintf(text, sizeof text, "%016llx-%llx", static_cast<unsigned long long>(header.metadata_hash),
                static_cast<unsigned long long>(header.file_size));
  return text;
}

Pool<Call>::Lease ModelObject::call() {
  return calls_.take([&] { return std::make_unique<Call>(shape_); });
}

nb::object ModelObject::score(nb::handle user, nb::handle history, nb::handle candidates, nb::handle context,
                              bool attention) {
  constexpr std::size_t kKept = 4096;  // candidates or behaviours for which a call keeps its memory
  const auto call = this->call();
  Arguments& arguments = call->arguments;
  arguments.read(user, history, candidates, context);
  ScoreArray scores(arguments.candidate_count());
  AttentionWeights weights;
  Status status;
  {
    const nb::gil_scoped_release released;
    Session& session = call->session;
    status = session.prepare(model_, settings_, arguments.candidate_count(), arguments.longest_history());
    if (status.ok()) status = session.user().set(arguments.user(), arguments.history());
    if (status.ok() && attention) status = weights.allocate(model_, session.user(), arguments.candidate_count());
    if (status.ok()) {
      status = session.scorer().score(session.user(), arguments.candidates(), scores.span(), weights.span());
    }
    session.shrink(kKept);
  }
  require(status);
  return result_of(scores, weights, attention);
}

}  // namespace dinghy::python
