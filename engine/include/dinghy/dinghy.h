// The engine for C11 and for every language that can call C: the C++ API, call by call, with a stable binary interface.
//
//   dinghy_status status;
//   dinghy_model* model;
//   if (dinghy_model_open("ctr.dinghy", &model, &status) != DINGHY_OK) puts(status.message);
//
// How the interface stays stable: functions and constants are only added. A struct that may grow begins with
// `struct_size`, which the caller sets to sizeof(the struct); fields behind it, which an older caller does not know,
// count as zero, and zero always means what happened before the field was there. A field that this engine does not know
// and that is not zero is DINGHY_UNSUPPORTED. All other structs stay as they are.
//
// Handles are opaque and freed by their own function, which accepts NULL; the order does not matter, since user states
// and scorers keep the mapping of their model alive. No call throws, prints or ends the process. A NULL where a handle,
// an output or an array with elements belongs is DINGHY_INVALID_ARGUMENT in calls that return a code; calls that
// return something else need a valid handle.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dinghy/version.h"

// In a shared library these functions are visible, and nothing else of the engine is. On Windows that takes a word:
// DINGHY_EXPORTS while the engine is compiled (its CMake says it), and DINGHY_SHARED, which saves a jump a call, in
// code that uses it out of a DLL.
#if defined(_WIN32) && defined(DINGHY_EXPORTS)
#define DINGHY_API __declspec(dllexport)
#elif defined(_WIN32) && defined(DINGHY_SHARED)
#define DINGHY_API __declspec(dllimport)
#elif defined(__GNUC__) && !defined(_WIN32)
#define DINGHY_API __attribute__((visibility("default")))
#else
#define DINGHY_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

// ---- version -------------------------------------------------------------------------------------------------------

/// DINGHY_VERSION of the engine that is linked or loaded, "0.1.0"; that of this header is the macro (version.h).
DINGHY_API const char* dinghy_version(void);

// ---- errors --------------------------------------------------------------------------------------------------------

/// One of the constants below; not an enum, whose size would depend on the compiler's options.
typedef int32_t dinghy_code;
enum {
  DINGHY_OK = 0,
  DINGHY_IO_ERROR = 1,     // the file cannot be opened, read or mapped
  DINGHY_BAD_FILE = 2,     // the file is not a valid .dinghy file; the message names the field
  DINGHY_UNSUPPORTED = 3,  // a valid file that needs a newer engine, or an ability that this one lacks
  DINGHY_OUT_OF_MEMORY = 4,
  DINGHY_UNKNOWN_ISA = 5,       // no ISA of this name exists in this build
  DINGHY_UNAVAILABLE_ISA = 6,   // this processor or operating system cannot run it
  DINGHY_INVALID_ARGUMENT = 7,  // a column is missing, given twice, of the wrong length or kind, or holds a NaN; a NULL
  DINGHY_LIMIT_EXCEEDED = 8,    // more candidates than max_candidates
  DINGHY_MISSING_ID = 9,        // an id without a row in a table whose policy is `fail`
  DINGHY_EMPTY_HISTORY = 10,    // this model defines no score for a user without behaviours
  DINGHY_WRONG_SCORES = 11,     // a golden row of the file does not come out as it should (dinghy_model_selftest)
  DINGHY_VERSION_MISMATCH = 12  // rows that came with a call are of another version of the table than the model's
};

#define DINGHY_MESSAGE_SIZE 252

/// The outcome of a call, in memory of the caller's. Calls return the code and write both here, unless `status` is
/// NULL.
typedef struct dinghy_status {
  dinghy_code code;
  char message[DINGHY_MESSAGE_SIZE];  // one line, zero-terminated: what is wrong and where; empty after a success
} dinghy_status;

// ---- memory --------------------------------------------------------------------------------------------------------

/// Where the engine gets its memory. `allocate` gives `size` bytes at a multiple of `alignment`, a power of two up to
/// 64, or NULL where there are none; memory elsewhere counts as none, and goes back. `release` takes them back, with
/// the size and the alignment that were asked for. Both are called by any thread, several at once, and may not call the
/// engine.
typedef struct dinghy_allocator {
  size_t struct_size;
  void* (*allocate)(void* context, size_t size, size_t alignment);
  void (*release)(void* context, void* memory, size_t size, size_t alignment);
  void* context;  // lives until the process, or the library that the engine is linked into, ends
} dinghy_allocator;

/// From now on all memory of the engine, in the whole process, comes from `allocator`, which is copied, instead of the
/// C library: models, user states, scorers and their handles. Pages that hold a file are the system's still: a mapping,
/// the copy of dinghy_model_read. Only before the engine allocates anything, and once: what is released must come from
/// where it goes. Any thread. Errors: invalid_argument (too late; a second time; a NULL), unsupported.
DINGHY_API dinghy_code dinghy_set_allocator(const dinghy_allocator* allocator, dinghy_status* status);

// ---- instruction sets ----------------------------------------------------------------------------------------------

/// The name of ISA `index` of this build, the preferred one first, "reference" last; NULL behind the last.
DINGHY_API const char* dinghy_isa_name(size_t index);
/// Whether this processor and operating system can run it; false behind the last.
DINGHY_API bool dinghy_isa_available(size_t index);

// ---- models --------------------------------------------------------------------------------------------------------

/// An immutable model: share it between threads without locks.
typedef struct dinghy_model dinghy_model;

/// Maps the file and verifies everything that scoring relies on. While any handle of the model lives the file must not
/// change in place, or be cut (SIGBUS): replace it by renaming a new one over it. On an error *model is NULL. On
/// Windows `path` is UTF-8, whatever the code page is.
/// Errors: io_error, bad_file, unsupported, out_of_memory.
DINGHY_API dinghy_code dinghy_model_open(const char* path, dinghy_model** model, dinghy_status* status);
/// The same from a copy of the file in memory, which nothing can change: for files that others may write to.
DINGHY_API dinghy_code dinghy_model_read(const char* path, dinghy_model** model, dinghy_status* status);
/// dinghy_model_open of a part of a file that is open already: `size` bytes from `offset` on, a multiple of 4, such as
/// an asset that an APK stores without compression (AAsset_openFileDescriptor64); a size of 0 is all that follows. The
/// descriptor, on Windows that of the C runtime, stays the caller's, who may close it. Errors: as dinghy_model_open;
/// invalid_argument for bytes that the file does not have; unsupported on WebAssembly.
DINGHY_API dinghy_code dinghy_model_open_fd(int descriptor, uint64_t offset, uint64_t size, dinghy_model** model,
                                            dinghy_status* status);
/// The same from `size` bytes, aligned to 4, that the caller keeps unchanged until the last handle of the model, its
/// user states and its scorers included, is freed. At multiples of 64 a request is up to 3 % faster.
DINGHY_API dinghy_code dinghy_model_from_memory(const void* bytes, size_t size, dinghy_model** model,
                                                dinghy_status* status);
/// The same, and `release(context)` is called once when the bytes are no longer used: by the thread that frees the last
/// handle, and in case of an error before the call returns. For memory that an object of another language owns.
DINGHY_API dinghy_code dinghy_model_from_owned_memory(const void* bytes, size_t size, void (*release)(void* context),
                                                      void* context, dinghy_model** model, dinghy_status* status);
/// One more handle of the same model, to be freed like the first; NULL when there is no memory for a handle. For an
/// application that replaces its model while others use it.
DINGHY_API dinghy_model* dinghy_model_copy(const dinghy_model* model);
DINGHY_API void dinghy_model_free(dinghy_model* model);

/// Reads the whole file, tables too, which opening does not: each segment has to match its hash, and what lies between
/// them has to be zero. Finds what a broken disk or transfer does to a file, no attack. Takes as long as reading the
/// file, no memory; any threads at once. Errors: bad_file, naming the damaged segment by index and kind; unsupported
/// for a file of an older converter, which has no hashes; invalid_argument.
DINGHY_API dinghy_code dinghy_model_verify(const dinghy_model* model, dinghy_status* status);
/// Scores the golden rows of the file on `isa` (NULL or "": DINGHY_ISA from the environment, else the best available)
/// and compares with what the original framework gave: whether this processor, compiler and file together score
/// rightly. Scores of `reference` keep the tolerance that the file states, those of other ISAs and all attention
/// weights that or 1e-5, the larger. Takes the memory of a user state and a scorer for the largest row, and frees it;
/// any threads at once. Errors: wrong_scores, naming the row that is furthest off by its line; unsupported for a file
/// without such rows (converted without --check, or by an older converter); bad_file, unknown_isa, unavailable_isa,
/// out_of_memory, invalid_argument.
DINGHY_API dinghy_code dinghy_model_selftest(const dinghy_model* model, const char* isa, dinghy_status* status);

/// Zero-terminated, valid while the model lives; empty when the model has none.
DINGHY_API const char* dinghy_model_name(const dinghy_model* model);
/// The same: which training of the model this is, in the words that `dinghy convert --model-version` was given.
DINGHY_API const char* dinghy_model_version(const dinghy_model* model);
/// A number that tells this file from others: the hash that its header has of the metadata, which holds those of all
/// numbers. The same bytes have the same id, everywhere. For who caches or logs by model; no protection against who
/// wants two files to have one id, and of files of older converters, without hashes, of the metadata alone.
DINGHY_API uint64_t dinghy_model_id(const dinghy_model* model);
/// What there is to know about the model's inputs, as JSON in UTF-8: name, id, features, tables, histories, interests,
/// policies, limits, where it comes from (docs/embedding.md has the keys). Writes it and a zero into `buffer` and gives
/// their size; where `size` is less, buffer is the empty string. So call it with NULL and 0 first, or with some KB.
/// Texts of the file that are no UTF-8 are mended, ones over 1024 bytes are cut. Allocates nothing; any thread.
DINGHY_API size_t dinghy_model_describe(const dinghy_model* model, char* buffer, size_t size);
/// How many interests (local activation units) the model has.
DINGHY_API size_t dinghy_model_interests(const dinghy_model* model);
/// The longest history that training saw; 0 where the model states none.
DINGHY_API size_t dinghy_model_trained_history(const dinghy_model* model);

enum { DINGHY_ROLE_USER = 0, DINGHY_ROLE_CONTEXT = 1, DINGHY_ROLE_CANDIDATE = 2, DINGHY_ROLE_HISTORY = 3 };
enum { DINGHY_FEATURE_ID = 0, DINGHY_FEATURE_BAG = 1, DINGHY_FEATURE_DENSE = 2 };

/// One feature of the model, as callers pass it. Its index is its number in a dinghy_column.
typedef struct dinghy_feature {
  size_t struct_size;    // set by the caller; no more than this is written
  const char* name;      // zero-terminated, valid while the model lives
  int32_t role;          // DINGHY_ROLE_…
  int32_t kind;          // DINGHY_FEATURE_…
  uint32_t dense_width;  // numbers a row, dense features only
  bool in_history;       // a column of the behaviour history (too)
  bool string_ids;       // its table's vocabulary has string keys
  // Not 0 where the rows of its table come with the calls (dinghy_with_rows): the version of the table that they have
  // to be of; of the values in the behaviour history likewise.
  uint64_t remote_version;
  uint64_t remote_history_version;
} dinghy_feature;

DINGHY_API size_t dinghy_model_feature_count(const dinghy_model* model);
/// Describes feature `index`. Errors: invalid_argument.
DINGHY_API dinghy_code dinghy_model_feature(const dinghy_model* model, size_t index, dinghy_feature* feature,
                                            dinghy_status* status);
/// The number of the feature called `name`; -1 when there is none, or `name` is NULL.
DINGHY_API int64_t dinghy_model_feature_number(const dinghy_model* model, const char* name);
/// How often an id of this feature had no row, since open, over all users of the model. May be read at any time.
DINGHY_API uint64_t dinghy_model_missing_ids(const dinghy_model* model, uint32_t feature);

// ---- columns -------------------------------------------------------------------------------------------------------

/// Characters that need no zero behind them.
typedef struct dinghy_string {
  const char* data;
  size_t size;
} dinghy_string;

enum {
  DINGHY_COLUMN_IDS = 0,
  DINGHY_COLUMN_STRINGS = 1,
  DINGHY_COLUMN_NUMBERS = 2,
  DINGHY_COLUMN_TABLE = 3,
  DINGHY_COLUMN_ROWS = 4
};

/// The values of one feature for some rows: candidates, behaviours, or the one row of a user. Points to memory of the
/// caller's, which is read during the call only; values and offsets must be aligned as their types are. The functions
/// below fill it.
typedef struct dinghy_column {
  uint32_t feature;
  int32_t kind;             // DINGHY_COLUMN_…
  const void* values;       // int64_t, dinghy_string or float, by kind; one dinghy_id_table, one dinghy_rows
  size_t size;              // values; of a table and of rows 1
  const uint32_t* offsets;  // bags: row r holds values offsets[r] … offsets[r + 1] - 1; else NULL
  size_t offset_count;      // one more than there are rows
} dinghy_column;

/// One id a row, as the application has them.
static inline dinghy_column dinghy_ids(uint32_t feature, const int64_t* ids, size_t count) {
  const dinghy_column column = {feature, DINGHY_COLUMN_IDS, ids, count, NULL, 0};
  return column;
}
/// One string a row, for tables with a vocabulary of strings.
static inline dinghy_column dinghy_strings(uint32_t feature, const dinghy_string* strings, size_t count) {
  const dinghy_column column = {feature, DINGHY_COLUMN_STRINGS, strings, count, NULL, 0};
  return column;
}
/// Dense features: rows x dense_width finite numbers, row by row; `count` counts numbers.
static inline dinghy_column dinghy_numbers(uint32_t feature, const float* numbers, size_t count) {
  const dinghy_column column = {feature, DINGHY_COLUMN_NUMBERS, numbers, count, NULL, 0};
  return column;
}
/// Bags of ids; `offset_count` is one more than there are rows.
static inline dinghy_column dinghy_bags(uint32_t feature, const int64_t* ids, size_t count, const uint32_t* offsets,
                                        size_t offset_count) {
  const dinghy_column column = {feature, DINGHY_COLUMN_IDS, ids, count, offsets, offset_count};
  return column;
}
static inline dinghy_column dinghy_string_bags(uint32_t feature, const dinghy_string* strings, size_t count,
                                               const uint32_t* offsets, size_t offset_count) {
  const dinghy_column column = {feature, DINGHY_COLUMN_STRINGS, strings, count, offsets, offset_count};
  return column;
}

/// A matrix of ids, as Java, JavaScript or Python have it: a row for each candidate or behaviour, or the one of a user,
/// and a column for each of some features that take one id a row. It is read where it lies.
typedef struct dinghy_id_table {
  size_t struct_size;
  const int64_t* ids;  // row r has ids[r * stride + c] for the feature features[c]
  size_t rows;
  size_t columns;
  size_t stride;             // ids from one row to the next, at least `columns`; 0: `columns`
  const uint32_t* features;  // [columns]
} dinghy_id_table;

/// All columns of a table, in place of one column in a call that takes columns, together with others (numbers, bags,
/// strings) or alone: the call does what it does with the columns one by one. The table has to live as long as the
/// call.
static inline dinghy_column dinghy_table(const dinghy_id_table* table) {
  const dinghy_column column = {0, DINGHY_COLUMN_TABLE, table, 1, NULL, 0};
  return column;
}

#define DINGHY_NO_ROW 0xffffffffu

/// Values with rows that came for them, for a feature whose table is remote (dinghy_feature): value i has row which[i]
/// of `block`, which dinghy_embedding_table_write wrote for these values. Where which[i] is DINGHY_NO_ROW its id finds
/// a row in the model file, or is missing. Several values may have one row.
typedef struct dinghy_rows {
  size_t struct_size;
  dinghy_column keys;  // ids, strings, or bags of them; `values` NULL: `size` rows alone, without ids
  const void* block;   // at any address
  size_t block_size;
  const uint32_t* which;  // [keys.size]
} dinghy_rows;

/// The column of these values. The struct has to live as long as the call.
static inline dinghy_column dinghy_with_rows(const dinghy_rows* rows) {
  const dinghy_column column = {0, DINGHY_COLUMN_ROWS, rows, 1, NULL, 0};
  return column;
}

/// Asks the operating system for the pages that these ids' rows lie on, without waiting for them: call it as soon as
/// the candidates are known. Columns of any features; rows and columns need not match, ids without a row are passed
/// over. Errors: invalid_argument.
DINGHY_API dinghy_code dinghy_model_prefetch(const dinghy_model* model, const dinghy_column* columns, size_t count,
                                             dinghy_status* status);
/// Reads the rows of these ids and keeps their pages in memory while the model lives.
/// Errors: invalid_argument; io_error where the process may not lock so much memory (RLIMIT_MEMLOCK); unsupported for a
/// model from memory, which is the caller's to lock.
DINGHY_API dinghy_code dinghy_model_pin(const dinghy_model* model, const dinghy_column* columns, size_t count,
                                        dinghy_status* status);

// ---- tables of embeddings, for those who send rows -----------------------------------------------------------------

/// A table of a model that holds all its rows (docs/split.md). Any number of threads may use one at once.
typedef struct dinghy_embedding_table dinghy_embedding_table;

/// The table of a feature's values as user, context or candidate, or with `history` that of those in the history. On an
/// error *table is NULL. Errors: invalid_argument for a feature that does not exist or has no such table; unsupported
/// where the table is remote itself, and where an older converter wrote no hash of it; out_of_memory.
DINGHY_API dinghy_code dinghy_embedding_table_create(const dinghy_model* model, uint32_t feature, bool history,
                                                     dinghy_embedding_table** table, dinghy_status* status);
DINGHY_API void dinghy_embedding_table_free(dinghy_embedding_table* table);
/// What a device's model compares (dinghy_feature): it follows from the table's bytes and how they are encoded.
DINGHY_API uint64_t dinghy_embedding_table_version(const dinghy_embedding_table* table);
DINGHY_API uint64_t dinghy_embedding_table_rows(const dinghy_embedding_table* table);
/// Numbers of a row.
DINGHY_API uint32_t dinghy_embedding_table_width(const dinghy_embedding_table* table);
/// "f32", "f16", "i8", "i8h" or "i4".
DINGHY_API const char* dinghy_embedding_table_encoding(const dinghy_embedding_table* table);
/// Bytes of a row as it travels.
DINGHY_API size_t dinghy_embedding_table_row_bytes(const dinghy_embedding_table* table);
/// The bytes of row `number` in the mapped file, valid as long as the table; NULL for a row that does not exist.
DINGHY_API const void* dinghy_embedding_table_row(const dinghy_embedding_table* table, uint64_t number);
/// Bytes of a block of at most `count` rows.
DINGHY_API size_t dinghy_embedding_table_block_size(const dinghy_embedding_table* table, size_t count);
/// Writes the block of these ids or strings, and which row in it each has, or DINGHY_NO_ROW: the device treats such a
/// value as its model says. `which` has room for keys->size numbers; equal ids get a row each. *written is how many
/// bytes of `block` are the block, 0 on an error. Does not allocate. Errors: invalid_argument.
DINGHY_API dinghy_code dinghy_embedding_table_write(const dinghy_embedding_table* table, const dinghy_column* keys,
                                                    void* block, size_t block_size, uint32_t* which, size_t* written,
                                                    dinghy_status* status);

// ---- user states ---------------------------------------------------------------------------------------------------

/// A user: features and behaviour history. One thread may change a state at a time; while nobody changes it, any number
/// of scorers may read it.
typedef struct dinghy_user_state dinghy_user_state;

typedef struct dinghy_user_options {
  size_t struct_size;
  size_t max_history;  // behaviours kept per history; 0: 100. The model's trained_history bounds it too
  const char* isa;     // NULL or "": DINGHY_ISA from the environment, else the best available
} dinghy_user_options;

/// Allocates everything that the state will need. `options` may be NULL. On an error *user is NULL.
/// Errors: unknown_isa, unavailable_isa, out_of_memory, invalid_argument.
DINGHY_API dinghy_code dinghy_user_state_create(const dinghy_model* model, const dinghy_user_options* options,
                                                dinghy_user_state** user, dinghy_status* status);
/// The bytes that dinghy_user_state_create would allocate with these options and the state keep, exactly (what an
/// allocator adds to each block is its own). Itself allocates a little for as long as it takes. `options` may be
/// NULL. On an error *bytes is 0. Errors: as dinghy_user_state_create.
DINGHY_API dinghy_code dinghy_user_state_size(const dinghy_model* model, const dinghy_user_options* options,
                                              size_t* bytes, dinghy_status* status);
DINGHY_API void dinghy_user_state_free(dinghy_user_state* user);

/// Replaces the user. `features`: one row for each user and context feature of the model. `history`: for each column of
/// the behaviour history its values, oldest first; all columns of a history have the same length, which may be 0. A
/// history longer than max_history keeps what the model says. Does not allocate, lock or log.
/// Errors: invalid_argument, missing_id; the state is then an empty one, which no scorer accepts, until the next set.
DINGHY_API dinghy_code dinghy_user_state_set(dinghy_user_state* user, const dinghy_column* features,
                                             size_t feature_count, const dinghy_column* history, size_t history_count,
                                             dinghy_status* status);
/// Adds behaviours behind the history; beyond max_history the oldest leave. Needs a set before. Does not allocate, lock
/// or log. Errors: invalid_argument, missing_id; the state is unchanged then.
DINGHY_API dinghy_code dinghy_user_state_append(dinghy_user_state* user, const dinghy_column* behaviors, size_t count,
                                                dinghy_status* status);
/// Behaviours now kept of interest `interest`'s history.
DINGHY_API size_t dinghy_user_state_history_length(const dinghy_user_state* user, size_t interest);

// ---- memos ---------------------------------------------------------------------------------------------------------

/// Logits of pairs of items, kept from call to call: what the local activation unit computed once, for any scorer with
/// the memo, is looked up. Scores with a memo are those without, bit for bit (docs/memo.md). Any number of threads use
/// one at once, without locks.
typedef struct dinghy_pair_memo dinghy_pair_memo;

typedef struct dinghy_pair_memo_options {
  size_t struct_size;
  size_t bytes;     // at most; taken at once, and nothing later; 0: 64 MiB
  size_t items;     // that can be told apart (combinations of the unit's fields); 0: rows of the largest table
  const char* isa;  // as in dinghy_scorer_options, and likewise the next
  size_t integers;
  bool any_arithmetic;  // open and read take logits of another ISA or compiler: scores within 1e-6, not the same bits
} dinghy_pair_memo_options;

/// A memo without a pair, for scorers of this ISA and arithmetic. `options` may be NULL. On an error *memo is NULL.
/// Errors: unsupported (no interest has a local activation unit; one has layers by position, bags or numbers: the
/// message names it), invalid_argument (too few bytes: the message says how many it takes), unknown_isa,
/// unavailable_isa, out_of_memory.
DINGHY_API dinghy_code dinghy_pair_memo_create(const dinghy_model* model, const dinghy_pair_memo_options* options,
                                               dinghy_pair_memo** memo, dinghy_status* status);
/// The memo of a file that dinghy_pair_memo_save wrote, mapped: it finds what was saved and keeps nothing more. It must
/// be of this model (one that was trained again is another), this ISA and arithmetic, and this build of the engine,
/// unless `any_arithmetic` allows for another. `bytes` and `items` of the options count for nothing. Like a model's
/// file it must not change in place. On an error *memo is NULL. Errors: io_error, bad_file, unsupported (of another
/// model or arithmetic, by name; a model without hashes), out_of_memory, unknown_isa, unavailable_isa,
/// invalid_argument.
DINGHY_API dinghy_code dinghy_pair_memo_open(const dinghy_model* model, const char* path,
                                             const dinghy_pair_memo_options* options, dinghy_pair_memo** memo,
                                             dinghy_status* status);
/// The same from `size` bytes of an open file, as dinghy_model_open_fd, at a multiple of 64. Errors: as
/// dinghy_pair_memo_open; invalid_argument for another offset, and for bytes that the file does not have.
DINGHY_API dinghy_code dinghy_pair_memo_open_fd(const dinghy_model* model, int descriptor, uint64_t offset,
                                                uint64_t size, const dinghy_pair_memo_options* options,
                                                dinghy_pair_memo** memo, dinghy_status* status);
/// The same from memory at a multiple of 64, of which `release(context)` (unless NULL) is told as
/// dinghy_model_from_owned_memory has it. Errors: as dinghy_pair_memo_open; invalid_argument for memory elsewhere.
DINGHY_API dinghy_code dinghy_pair_memo_from_owned_memory(const dinghy_model* model, const void* bytes, size_t size,
                                                          void (*release)(void* context), void* context,
                                                          const dinghy_pair_memo_options* options,
                                                          dinghy_pair_memo** memo, dinghy_status* status);
/// As dinghy_pair_memo_open in memory of its own, verified, where it goes on to keep pairs.
DINGHY_API dinghy_code dinghy_pair_memo_read(const dinghy_model* model, const char* path,
                                             const dinghy_pair_memo_options* options, dinghy_pair_memo** memo,
                                             dinghy_status* status);
/// Compares all bytes of an opened memo with what was saved. Errors: bad_file, out_of_memory, invalid_argument.
DINGHY_API dinghy_code dinghy_pair_memo_verify(const dinghy_pair_memo* memo, dinghy_status* status);
/// Writes the memo by a few calls of `write(context, bytes, size)`, in the order of the file, until one returns false.
/// Meanwhile no scorer may use it. Put the file in place by renaming. Errors: io_error (`write` said no), unsupported
/// (the model has no hashes), out_of_memory, invalid_argument.
DINGHY_API dinghy_code dinghy_pair_memo_save(const dinghy_pair_memo* memo,
                                             bool (*write)(void* context, const void* bytes, size_t size),
                                             void* context, dinghy_status* status);
/// What computed the logits: ISA, order of sums, compiler; valid while the memo lives; NULL for NULL.
DINGHY_API const char* dinghy_pair_memo_arithmetic(const dinghy_pair_memo* memo);
/// Its memory lives until the last scorer with it is freed too.
DINGHY_API void dinghy_pair_memo_free(dinghy_pair_memo* memo);

/// Since the memo was created, over all interests and scorers.
typedef struct dinghy_pair_memo_counters {
  size_t struct_size;  // set by the caller; no more than this is written
  uint64_t found;      // pairs that were looked up
  uint64_t computed;   // pairs that were looked for and not there
  uint64_t kept;       // computed pairs that were put in,
  uint64_t replaced;   // of them in the place of another
  uint64_t items;      // that have a number
  uint64_t room;       // for how many pairs there are places
} dinghy_pair_memo_counters;

/// May be called at any time, by any thread. Errors: invalid_argument.
DINGHY_API dinghy_code dinghy_pair_memo_count(const dinghy_pair_memo* memo, dinghy_pair_memo_counters* counters,
                                              dinghy_status* status);
/// The bytes that the memo took.
DINGHY_API size_t dinghy_pair_memo_bytes(const dinghy_pair_memo* memo);

// ---- scorers -------------------------------------------------------------------------------------------------------

/// The candidates' part of a request: one scorer per thread.
typedef struct dinghy_scorer dinghy_scorer;

/// Whether a model that names integers for its attention is computed with them: with bytes, and with 16 bits where a
/// key has at least 48 numbers; always; or never. It is so for all calls of a scorer. Scores differ slightly between
/// the two ways.
enum { DINGHY_INTEGERS_WHEN_FASTER = 0, DINGHY_INTEGERS_ALWAYS = 1, DINGHY_INTEGERS_NEVER = 2 };

typedef struct dinghy_scorer_options {
  size_t struct_size;
  size_t max_candidates;         // 0: 200
  size_t max_history;            // of the user states that it will read; 0: 100
  const char* isa;               // NULL or "": DINGHY_ISA from the environment, else the best available
  size_t integers;               // DINGHY_INTEGERS_…; 0: when faster
  const dinghy_pair_memo* memo;  // of this model, ISA and arithmetic, used while the scorer lives; NULL: none
} dinghy_scorer_options;

/// Allocates everything that the scorer will need. `options` may be NULL. On an error *scorer is NULL.
/// Errors: unknown_isa, unavailable_isa, out_of_memory, invalid_argument.
DINGHY_API dinghy_code dinghy_scorer_create(const dinghy_model* model, const dinghy_scorer_options* options,
                                            dinghy_scorer** scorer, dinghy_status* status);
/// The same for a scorer: see dinghy_user_state_size. Errors: as dinghy_scorer_create.
DINGHY_API dinghy_code dinghy_scorer_size(const dinghy_model* model, const dinghy_scorer_options* options,
                                          size_t* bytes, dinghy_status* status);
DINGHY_API void dinghy_scorer_free(dinghy_scorer* scorer);

/// Click probabilities of `score_count` candidates, scores[n] for row n of `candidates`, one column for each candidate
/// feature; zero candidates are fine. With `attention` not NULL also the weights that the behaviours had in the
/// weighted sums, [interest][candidate][behaviour], score_count * history_length(i) numbers for each interest i,
/// behaviour 0 the oldest kept; `attention_count` is their sum. The outputs may lie over the columns' values, not over
/// each other. `user` must be of the same model. Does not allocate, lock or log. Errors: invalid_argument,
/// limit_exceeded, missing_id, empty_history; the outputs are then unspecified.
DINGHY_API dinghy_code dinghy_scorer_score(dinghy_scorer* scorer, const dinghy_user_state* user,
                                           const dinghy_column* candidates, size_t column_count, float* scores,
                                           size_t score_count, float* attention, size_t attention_count,
                                           dinghy_status* status);
/// Scores the candidates of the last successful score again, for the user as it is now; where the history of that call
/// has only been extended since, only the new behaviours are computed. Sizes, outputs and errors are those of
/// dinghy_scorer_score; invalid_argument also before the first score. Does not allocate, lock or log.
DINGHY_API dinghy_code dinghy_scorer_rescore(dinghy_scorer* scorer, const dinghy_user_state* user, float* scores,
                                             size_t score_count, float* attention, size_t attention_count,
                                             dinghy_status* status);
/// The ISA that this scorer runs on.
DINGHY_API const char* dinghy_scorer_isa(const dinghy_scorer* scorer);
/// 1 when the attention is computed in integers: the model names them, this ISA has them, and the options allow them;
/// else 0, for NULL too.
DINGHY_API int dinghy_scorer_uses_integers(const dinghy_scorer* scorer);

#ifdef __cplusplus
}
#endif
