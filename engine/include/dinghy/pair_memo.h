// What was computed once is looked up: logits of pairs of items, kept from call to call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "dinghy/memory.h"
#include "dinghy/model.h"
#include "dinghy/scorer.h"
#include "dinghy/status.h"

namespace dinghy {

struct PairMemoOptions {
  std::size_t bytes = std::size_t{64} << 20;  // at most; create() takes them at once, and nothing later
  /// Items that can be told apart, as candidates and as behaviours: combinations of the fields that the unit takes. 0:
  /// as many as the largest table of the fields has rows, right where an item decides its other fields.
  std::size_t items = 0;
  std::string_view isa = {};  // as in ScorerOptions, and likewise the next
  Integers integers = Integers::when_faster;
  /// open() and read() take logits of another ISA, version or compiler too: a catalogue's pairs, computed ahead on
  /// another machine. Scores are then within 1e-6 of those without a memo, no longer the same bits. Whether in floats
  /// or in integers has to agree all the same.
  bool any_arithmetic = false;
};

/// Where save() puts the bytes of a memo: `write` takes all of them, or returns false and gets no more.
struct MemoSink {
  bool (*write)(void* context, const void* bytes, std::size_t size) = nullptr;
  void* context = nullptr;
};

/// A memo of the local activation unit: the logit of a candidate and a behaviour is a function of the two items' rows
/// and of nothing else (Scorer::score), so it is computed once and then looked up, by every scorer that was given the
/// memo. It is worth its memory where items come again: users who share items, the next page, a history that a click
/// changes. Scores with a memo are those without, bit for bit, whatever it holds.
///
/// Where there are four bytes for each pair of items, each pair has a place; else they share places, eight bytes each,
/// and a new pair takes that of an old one. Where few pairs of a call are found in such a memo that is nearly full,
/// most are neither looked for nor kept.
///
/// A handle of one pointer, cheap to copy; the memory lives until the last handle and the last scorer with it are gone.
/// Any number of threads use it at once, without locks.
class PairMemo {
 public:
  /// A memo without a pair. The scorers that it serves must run on the same ISA and in the same arithmetic, which
  /// `options` choose as ScorerOptions do. Errors: unsupported (no interest has a local activation unit; one has layers
  /// by position, bags or numbers: the message names it; a build without memo), invalid_argument (too few bytes: the
  /// message says how many it takes), unknown_isa, unavailable_isa, out_of_memory.
  static Result<PairMemo> create(const Model& model, const PairMemoOptions& options = {}) noexcept;

  /// The memo of a file that save() wrote, mapped: it finds what was saved and keeps nothing more. It must be of this
  /// model (a model that was trained again is another one), this ISA and arithmetic, and this build of the engine:
  /// compilers differ in last bits, unless `any_arithmetic` allows for that. `bytes` and `items` of the options count
  /// for nothing. The frame of the file is checked, and whatever its bytes are, they lead nowhere else; that they are
  /// those that were saved says verify(). Like a model's file it must not change in place. Errors: io_error, bad_file,
  /// unsupported (of another model or arithmetic, by name; a model without hashes), out_of_memory, unknown_isa,
  /// unavailable_isa.
  static Result<PairMemo> open(const Model& model, const char* path, const PairMemoOptions& options = {}) noexcept;
  /// The same from `size` bytes of an open file, from `offset` on, as Model::open() has it: an asset of an APK. The
  /// bytes have to lie at a multiple of 64. Errors: as open(); invalid_argument for another offset, and for bytes that
  /// the file does not have.
  static Result<PairMemo> open(const Model& model, int descriptor, std::uint64_t offset, std::uint64_t size,
                               const PairMemoOptions& options = {}) noexcept;
  /// The same from memory at a multiple of 64, which the caller keeps unchanged until `owner` is told, as
  /// Model::from_memory() has it. Errors: as open(); invalid_argument for memory elsewhere.
  static Result<PairMemo> from_memory(const Model& model, std::span<const std::byte> bytes, MemoryOwner owner = {},
                                      const PairMemoOptions& options = {}) noexcept;
  /// As open() from a path, in memory of its own, verified, where it goes on to keep pairs. Errors: as open().
  static Result<PairMemo> read(const Model& model, const char* path, const PairMemoOptions& options = {}) noexcept;
  /// Compares all bytes of an opened memo with what was saved. Errors: bad_file, out_of_memory.
  Status verify() const noexcept;
  /// Writes the memo, in a few calls of `to`, in the order of the file. Meanwhile no scorer may use it. Put the file
  /// in place by renaming. Errors: io_error (the sink said no), unsupported (the model has no hashes), out_of_memory,
  /// invalid_argument.
  Status save(const MemoSink& to) const noexcept;

  PairMemo(const PairMemo& other) noexcept;  // moves too: no handle is ever empty
  PairMemo& operator=(PairMemo other) noexcept;
  ~PairMemo();

  /// Since create(), over all interests and scorers. Several threads count at once, so while they score the numbers
  /// need not fit each other.
  struct Counters {
    std::uint64_t found = 0;     // pairs that were looked up
    std::uint64_t computed = 0;  // pairs that were looked for and not there
    std::uint64_t kept = 0;      // computed pairs that were put in,
    std::uint64_t replaced = 0;  // of them in the place of another
    std::uint64_t items = 0;     // that have a number
    std::uint64_t room = 0;      // for how many pairs there are places
  };
  Counters counters() const noexcept;

  /// What computed the logits: ISA, version of the order of sums, compiler; "mixed: " in front where a memo of another
  /// arithmetic was read and went on here. Valid while the memo lives.
  std::string_view arithmetic() const noexcept;

  /// What create() took.
  std::size_t bytes() const noexcept;

  struct Data;
  /// For the engine's own files.
  Data* internal() const noexcept { return data_; }

 private:
  explicit PairMemo(Data* data) noexcept : data_(data) {}
  Data* data_;
};

}  // namespace dinghy
