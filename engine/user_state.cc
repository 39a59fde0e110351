#include "dinghy/user_state.h"

#include <algorithm>
#include <utility>

#include "engine/kernels/float_environment.h"
#include "engine/memory/owned.h"
#include "engine/network/gather.h"
#include "engine/scoring/bounds.h"
#include "engine/scoring/history_update.h"
#include "engine/scoring/user_data.h"
#include "engine/scoring/user_update.h"

namespace dinghy {
namespace {

using scoring::kMaxHistory;

Status moved_from() noexcept { return Status::error(Code::invalid_argument, "the user state was moved from"); }

void gather_padding_rows(UserState::Data& data) noexcept {
  const network::Model& model = data.network();
  for (std::size_t s = 0; s < data.stores.size(); ++s) {
    for (std::size_t c = 0; c < model.sequences[s].features.size(); ++c) {
      const network::Feature& feature = model.features[model.sequences[s].features[c]];
      data.stores[s].padding_marks[c] = network::padding_mark(model, feature);
      network::copy_padding(model, data.kernels.rows(), feature, data.stores[s].padding + feature.history_offset);
    }
  }
}

/// A state whose memory is planned.
Status prepare(const Model& model, const UserOptions& options, Owned<UserState::Data>& data) noexcept {
  if (options.max_history > kMaxHistory) {
    return Status::error(Code::invalid_argument, "max_history %zu is over %zu", options.max_history, kMaxHistory);
  }
  kernels::Selection selection;
  if (Status status = kernels::select(options.isa, selection); !status) return status;
  data.reset(make<UserState::Data>(model));
  if (data == nullptr) return Status::error(Code::out_of_memory, "no memory for a user state");
  data->kernels = selection;
  return scoring::plan(*data, options.max_history);
}

}  // namespace

Result<UserState> UserState::create(const Model& model, const UserOptions& options) noexcept {
  const kernels::FloatEnvironment floats;
  Owned<Data> data;
  if (Status status = prepare(model, options, data); !status) return status;
  if (Status status = scoring::allocate(*data, options.max_history); !status) return status;
  gather_padding_rows(*data);
  return UserState(data.release());
}

Result<std::size_t> UserState::size(const Model& model, const UserOptions& options) noexcept {
  Owned<Data> data;
  if (Status status = prepare(model, options, data); !status) return status;
  return data->bytes();
}

UserState::UserState(UserState&& other) noexcept : data_(std::exchange(other.data_, nullptr)) {}

UserState& UserState::operator=(UserState&& other) noexcept {
  std::swap(data_, other.data_);
  return *this;
}

UserState::~UserState() { destroy(data_); }

Status UserState::set(Columns features, Columns history) noexcept DINGHY_NONBLOCKING {
  if (data_ == nullptr) return moved_from();
  const kernels::FloatEnvironment floats;
  data_->ready = false;
  if (Status status = scoring::gather_user(*data_, features); !status) return status;
  if (Status status = scoring::replace_histories(*data_, history); !status) return status;
  scoring::refresh(*data_);
  data_->ready = true;
  return Status();
}

Status UserState::append(Columns behaviors) noexcept DINGHY_NONBLOCKING {
  if (data_ == nullptr) return moved_from();
  const kernels::FloatEnvironment floats;
  if (!data_->ready) return Status::error(Code::invalid_argument, "append() needs a user: call set() first");
  if (Status status = scoring::append_behaviors(*data_, behaviors); !status) return status;
  scoring::refresh(*data_);
  return Status();
}

std::size_t UserState::history_length(std::size_t interest) const noexcept {
  if (data_ == nullptr) return 0;
  const network::Model& model = data_->network();
  return interest < model.interests.size() ? data_->histories[model.interests[interest].sequence].length : 0;
}

}  // namespace dinghy
