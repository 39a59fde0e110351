// A model file, mapped and verified.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "dinghy/columns.h"
#include "dinghy/memory.h"
#include "dinghy/status.h"

namespace dinghy {

namespace network {
struct Model;
}

enum class Role : std::uint8_t { user, context, candidate, history };
enum class FeatureKind : std::uint8_t { id, bag, dense };

/// One feature of the model, as callers pass it. Its position in Model::features() is its number in a Column.
struct Feature {
  std::string_view name;
  Role role;
  bool in_history;  // a column of the behaviour history (too)
  FeatureKind kind;
  std::uint32_t dense_width;  // numbers a row, dense features only
  bool string_ids;            // its table's vocabulary has string keys

  // Not 0 where the rows of its table come with the calls (Column::with_rows): the version of the table that they have
  // to be of; of the values in the behaviour history likewise, which may have a table of their own.
  std::uint64_t remote_version;
  std::uint64_t remote_history_version;
};

/// An immutable model. A handle of one pointer, cheap to copy; the mapping lives until the last Model, UserState and
/// Scorer that uses it is gone. Share it between threads without locks.
class Model {
 public:
  /// Maps `path`, verifies everything that scoring relies on, folds the attention's first layer (once, a few hundred
  /// KB at most for usual shapes; the numbers of the file are used where they lie). Touches metadata and dense weights,
  /// not tables. While any object of the model lives the file must not change in place: a page that another process
  /// rewrites is no longer the one that was verified, and one that it cuts off ends this process (SIGBUS). Replace a
  /// model by renaming a new file over it. On Windows `path` is UTF-8, whatever the code page is. Errors: io_error,
  /// bad_file, unsupported, out_of_memory.
  static Result<Model> open(const char* path) noexcept;

  /// The same from a copy of the file in memory, for files that others may write to: verifies the copy, which nothing
  /// can change. Costs the file's size in memory and the time to read it. Errors: as open().
  static Result<Model> read(const char* path) noexcept;

  /// open() of a part of a file that is open already: `size` bytes from `offset` on, a multiple of 4, such as an asset
  /// that an APK stores without compression; a size of 0 is all that follows. The descriptor (on Windows that of the C
  /// runtime) stays the caller's, who may close it. Errors: as open(); invalid_argument for bytes that the file does
  /// not have; unsupported on WebAssembly.
  static Result<Model> open(int descriptor, std::uint64_t offset, std::uint64_t size) noexcept;

  /// The same from memory that the caller keeps unchanged until `owner` gets it back: when the last handle is gone, and
  /// in case of an error before the call returns. `bytes` must be aligned to 4 bytes; at multiples of 64 a request is
  /// up to 3 % faster.
  static Result<Model> from_memory(std::span<const std::byte> bytes, MemoryOwner owner = {}) noexcept;

  Model(const Model& other) noexcept;  // moves too: no handle is ever empty
  Model& operator=(Model other) noexcept;
  ~Model();

  /// Reads the whole file, tables too, which open() does not: each segment has to match its hash, and what lies between
  /// them has to be zero. Finds what a broken disk or transfer does to a file; whoever changes a file on purpose can
  /// change its hashes too. Takes as long as reading the file, no memory; any threads at once. Errors: bad_file, naming
  /// the damaged segment by index and kind; unsupported for a file of an older converter, which has no hashes.
  Status verify() const noexcept;

  /// Scores the golden rows of the file on `isa` (empty: DINGHY_ISA from the environment, else the best available) and
  /// compares with what the original framework gave: whether this processor, compiler and file together score rightly.
  /// Scores of `reference` keep the tolerance that the file states, those of other ISAs and all attention weights that
  /// or 1e-5, the larger. A model that names integers is computed with them. Takes the memory of a user state and a
  /// scorer for the largest row (at most 1024 candidates and 4096 behaviours), and frees it; any threads at once.
  /// Errors: wrong_scores, naming the row that is furthest off by its line; unsupported for a file without such rows
  /// (it was converted without --check, or by an older converter); bad_file, unknown_isa, unavailable_isa,
  /// out_of_memory.
  Status selftest(std::string_view isa = {}) const noexcept;

  /// Empty when the model has none.
  std::string_view name() const noexcept;

  /// The same: which training of the model this is, in the words that `dinghy convert --model-version` was given.
  std::string_view version() const noexcept;

  /// A number that tells this file from others: the hash that its header has of the metadata, which holds those of all
  /// numbers. The same bytes have the same id, everywhere. For who caches or logs by model; no protection against who
  /// wants two files to have one id, and of files of older converters, without hashes, of the metadata alone.
  std::uint64_t id() const noexcept;

  /// What there is to know about the model's inputs, as JSON in UTF-8: name, id, features, tables, histories,
  /// interests, policies, limits, where it comes from (docs/embedding.md has the keys). Writes it and a zero into
  /// `room` and gives their size; where there is less room, `room` is the empty string. So call it without room first,
  /// or with some KB. Texts of the file that are no UTF-8 are mended, ones over 1024 bytes are cut. Allocates nothing;
  /// any thread.
  std::size_t describe(std::span<char> room) const noexcept;

  std::span<const Feature> features() const noexcept;
  /// The number of the feature called `name`, or nothing.
  std::optional<std::uint32_t> feature(std::string_view name) const noexcept;
  /// How many interests (local activation units) the model has: the outermost extent of Scorer's attention output.
  std::size_t interests() const noexcept;
  /// The longest history that training saw; 0 where the model states none.
  std::size_t trained_history() const noexcept;

  /// How often an id of this feature had no row, since open, over all users of the model. May be read at any time.
  std::uint64_t missing_ids(std::uint32_t feature) const noexcept;

  /// Asks the operating system for the pages that these ids' rows lie on, all at once, without waiting for them: call
  /// it as soon as the candidates are known, and score when they have come (on a cold 288 MB table that is a hundred
  /// times faster than letting every row fault in turn). Columns of any features, as in set() and score(); rows and
  /// columns need not match, ids without a row are passed over. Of a table with a vocabulary whose page is not in
  /// memory only that page is asked for: call again. Never waits for the disk: where the system does not tell which
  /// pages are in memory, the vocabulary's are asked for and the rows are not (memory of the caller's; a system without
  /// mincore(); Linux, where the process that opens the file neither owns it nor may write to it and the file system
  /// knows no reads that must not wait). A process that gives up its rights opens its models afterwards. Errors:
  /// invalid_argument (a feature that does not exist).
  Status prefetch(Columns columns) const noexcept;

  /// Reads the rows of these ids and keeps their pages in memory while the model lives: the rows that most requests
  /// need. Errors: invalid_argument; io_error where the process may not lock so much memory (RLIMIT_MEMLOCK);
  /// unsupported for a model from_memory(), whose memory is the caller's to lock.
  Status pin(Columns columns) const noexcept;

  /// For tools that read the metadata with the schema's generated header (schema/model.fbs): the whole mapped file, and
  /// the FlatBuffer in it, verified by open(). Valid while the model lives.
  std::span<const std::byte> file() const noexcept;
  std::span<const std::byte> metadata() const noexcept;

  /// For the engine's own files.
  const network::Model& internal() const noexcept { return *model_; }

 private:
  explicit Model(network::Model* model) noexcept : model_(model) {}
  network::Model* model_;
};

}  // namespace dinghy
