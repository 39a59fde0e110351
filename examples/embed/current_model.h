// A model that is replaced while requests run: one CurrentModel for the process, one Worker for each thread.
#pragma once

#include <dinghy/scorer.h>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>

/// The model that requests use from now on. Any thread may call any function at any time.
class CurrentModel {
 public:
  explicit CurrentModel(dinghy::Model model) : model_(std::move(model)) {}

  /// After Model::open() and a few requests of your own on the new model. The old one goes with its last user.
  void replace(dinghy::Model model) {
    const std::lock_guard lock(mutex_);
    std::swap(model_, model);  // `model`, now the old one, is closed when the lock is free again
    version_.fetch_add(1, std::memory_order_release);
  }

  /// Counts the replacements: what a worker looks at before each request, at the cost of one load.
  std::uint64_t version() const { return version_.load(std::memory_order_acquire); }

  /// A handle of the model, and the version that it is.
  dinghy::Model get(std::uint64_t& version) const {
    const std::lock_guard lock(mutex_);
    version = version_.load(std::memory_order_relaxed);
    return model_;
  }

 private:
  mutable std::mutex mutex_;
  dinghy::Model model_;
  std::atomic<std::uint64_t> version_{0};
};

/// What one thread needs to answer requests: a user state and a scorer, always of one and the same model.
class Worker {
 public:
  explicit Worker(const CurrentModel& current) : current_(current) {}

  /// To be called between two requests: follows the current model. The user state is empty after a change. When there
  /// is no memory for the new model's, the old ones stay, and the next call tries again.
  dinghy::Status refresh() {
    if (state_ && state_->version == current_.version()) return dinghy::Status();
    std::uint64_t version = 0;
    const dinghy::Model model = current_.get(version);
    auto user = dinghy::UserState::create(model);
    if (!user) return user.status();
    auto scorer = dinghy::Scorer::create(model);
    if (!scorer) return scorer.status();
    state_.emplace(State{std::move(*user), std::move(*scorer), model, version});
    return dinghy::Status();
  }

  /// After the first successful refresh().
  const dinghy::Model& model() const { return state_->model; }
  dinghy::UserState& user() { return state_->user; }
  dinghy::Scorer& scorer() { return state_->scorer; }

 private:
  struct State {
    dinghy::UserState user;
    dinghy::Scorer scorer;
    dinghy::Model model;
    std::uint64_t version;
  };

  const CurrentModel& current_;
  std::optional<State> state_;
};
