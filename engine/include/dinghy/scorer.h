// Scores candidates for a user.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "dinghy/columns.h"
#include "dinghy/model.h"
#include "dinghy/nonblocking.h"
#include "dinghy/status.h"
#include "dinghy/user_state.h"

namespace dinghy {

class PairMemo;  // dinghy/pair_memo.h

/// Whether a model that names integers for its attention (`dinghy convert --compute`) is computed with them; of other
/// models, and on ISAs that have no fast integers, never. It is so for all calls of a scorer, whatever their size. The
/// scores of the two ways differ by what `dinghy inspect` shows of the model.
enum class Integers : std::uint8_t {
  when_faster = 0,  // with bytes; with 16 bits where a key has at least 48 numbers
  always = 1,
  never = 2,
};

struct ScorerOptions {
  std::size_t max_candidates = 200;
  std::size_t max_history = 100;  // of the user states that it will read
  std::string_view isa = {};      // empty: DINGHY_ISA from the environment, else the best available
  Integers integers = Integers::when_faster;
  /// Of this model, this ISA and this arithmetic; the scorer keeps a handle of its own. Null: none. `reference`
  /// computes all the same.
  const PairMemo* memo = nullptr;
};

/// The candidates' part of a request. One Scorer per thread; all its memory is allocated by create(); score() and
/// rescore() do not allocate, lock, log or throw. One that was moved from refuses them (invalid_argument).
class Scorer {
 public:
  /// Errors: unknown_isa, unavailable_isa, out_of_memory, invalid_argument (sizes too large for memory; a
  /// memo of another model, ISA or arithmetic).
  static Result<Scorer> create(const Model& model, const ScorerOptions& options = {}) noexcept;

  /// The bytes that create() would allocate and the scorer keep, exactly (what an allocator adds to each block is
  /// its own). Itself allocates a little for as long as it takes. Errors: as create().
  static Result<std::size_t> size(const Model& model, const ScorerOptions& options = {}) noexcept;

  Scorer(Scorer&& other) noexcept;
  Scorer& operator=(Scorer&& other) noexcept;
  ~Scorer();

  /// Click probabilities of N candidates: scores[n] for row n of `candidates`, one column for each candidate feature.
  /// scores.size() is N; zero candidates are fine. With `attention` not empty also the weights that the behaviours had
  /// in the weighted sums, [interest][candidate][behaviour], N * history_length(i) numbers for each interest i;
  /// behaviour 0 is the oldest kept. The outputs may lie over the columns' values, which are read before, not over each
  /// other. `user` must be of the same model. Errors: invalid_argument, limit_exceeded, missing_id, empty_history; the
  /// outputs are then unspecified.
  ///
  /// One user, one item, one score: the logit of a behaviour and a candidate is a function of their two rows (and,
  /// where layers depend on it, of the behaviour's position), and what follows a function of the user and the
  /// candidate. So on one ISA, in floats and in integers, a candidate's numbers are the same bits in every page, in
  /// every order, with other behaviours around, and by score() or rescore().
  Status score(const UserState& user, Columns candidates, std::span<float> scores,
               std::span<float> attention = {}) noexcept DINGHY_NONBLOCKING;

  /// Scores the candidates of the last successful score() again, for the user as it is now. Where the history of that
  /// call has only been extended since (UserState::append, or a set() whose history begins with the old one's
  /// behaviours), only the new behaviours are computed: for one click more and a hundred candidates a small part of a
  /// score(), with its bits. Any other user of the model is fine too, and costs what score() costs without looking up
  /// the candidates. Sizes, outputs and errors are those of score(); invalid_argument also before the first score().
  Status rescore(const UserState& user, std::span<float> scores,
                 std::span<float> attention = {}) noexcept DINGHY_NONBLOCKING;

  /// The ISA that this scorer runs on.
  std::string_view isa() const noexcept;

  /// Whether the attention is computed in integers: the model names them, this ISA has them, and the options allow
  /// them.
  bool uses_integers() const noexcept;

  struct Data;
  /// For the engine's own files.
  Data* internal() const noexcept { return data_; }

 private:
  explicit Scorer(Data* data) noexcept : data_(data) {}
  Data* data_;
};

}  // namespace dinghy
