// The caller's rounding mode, exceptions and treatment of denormals: they change no score, end no process, and are the
// caller's again behind every call.
#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <cstring>
#include <fstream>
#include <functional>
#include <set>

#include "dinghy/dinghy.h"
#include "dinghy/isa.h"
#include "engine/network/network.h"
#include "tests/engine/aligned_bytes.h"
#include "tests/engine/c_handles.h"
#include "tests/engine/caller/float_settings.h"
#include "tests/engine/random_network.h"
#include "tests/engine/request.h"

namespace dinghy::tests {
namespace {

/// How a session gets its model.
enum class Source { open, read, open_fd, from_memory, from_owned_memory };

/// All arguments of a session, ready before the settings change: what a test does besides may not meet them.
struct Prepared {
  const ModelFile& file;
  AlignedBytes bytes{file.bytes()};
  Handles names{file};
  Request request;
  std::vector<dinghy_column> user, history, click, candidates;

  explicit Prepared(const ModelFile& of) : file(of), request(random_request(of.open(), 12, 20, 5)) {
    user = c_columns(names, request.user);
    history = c_columns(names, request.history);
    candidates = c_columns(names, request.candidates);
    click = history;
    for (dinghy_column& column : click) column.size = 1;
  }
};

/// One pass over the C API, function by function; the C++ API lies under it.
class Session {
 public:
  Session(const Prepared& prepared, const char* isa, Source source) : of_(prepared), isa_(isa), source_(source) {}
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  using Call = std::function<bool(Session&)>;
  struct Step {
    const char* function;
    Call call;
  };
  /// Every function of the API, in an order in which they succeed.
  static const std::vector<Step>& steps();

  std::vector<float> scores = std::vector<float>(24), attention = std::vector<float>(12 * 20 + 12 * 21);

 private:
  dinghy_code load(Source source, dinghy_model** model) const {
    if (source == Source::open) return dinghy_model_open(of_.file.path().c_str(), model, nullptr);
    if (source == Source::read) return dinghy_model_read(of_.file.path().c_str(), model, nullptr);
    if (source == Source::open_fd) {
      const int descriptor = ::open(of_.file.path().c_str(), O_RDONLY | O_CLOEXEC);
      const dinghy_code code = dinghy_model_open_fd(descriptor, 0, 0, model, nullptr);
      ::close(descriptor);
      return code;
    }
    const auto none = [](void*) {};
    return source == Source::from_memory
               ? dinghy_model_from_memory(of_.bytes.data(), of_.bytes.size(), model, nullptr)
               : dinghy_model_from_owned_memory(of_.bytes.data(), of_.bytes.size(), none, nullptr, model, nullptr);
  }
  /// Through `source`; the model stays where it is the source of this session.
  bool load_as(Source source) {
    dinghy_model* model = nullptr;
    const bool loaded = load(source, &model) == DINGHY_OK;
    if (source == source_) std::swap(model, model_);
    dinghy_model_free(model);
    return loaded;
  }

  uint32_t item() const { return static_cast<uint32_t>(dinghy_model_feature_number(model_, "item")); }

  const Prepared& of_;
  const char* isa_;
  Source source_;
  dinghy_model *model_ = nullptr, *copy_ = nullptr;
  dinghy_user_state* user_ = nullptr;
  dinghy_embedding_table* table_ = nullptr;
  dinghy_pair_memo* memo_ = nullptr;
  dinghy_scorer* scorer_ = nullptr;
};

const std::vector<Session::Step>& Session::steps() {
  static const std::vector<Step> kSteps = {
      {"dinghy_version", [](Session&) { return dinghy_version() == std::string_view(DINGHY_VERSION); }},
      {"dinghy_set_allocator",  // which comes too late
       [](Session&) {
         const dinghy_allocator allocator{
             .struct_size = sizeof allocator,
             .allocate = [](void*, size_t, size_t) -> void* { return nullptr; },
             .release = [](void*, void*, size_t, size_t) {},
             .context = nullptr,
         };
         return dinghy_set_allocator(&allocator, nullptr) == DINGHY_INVALID_ARGUMENT;
       }},
      {"dinghy_isa_name", [](Session&) { return dinghy_isa_name(0) != nullptr; }},
      {"dinghy_isa_available", [](Session&) { return dinghy_isa_available(isas().size() - 1); }},
      {"dinghy_model_open", [](Session& s) { return s.load_as(Source::open); }},
      {"dinghy_model_read", [](Session& s) { return s.load_as(Source::read); }},
      {"dinghy_model_open_fd", [](Session& s) { return s.load_as(Source::open_fd); }},
      {"dinghy_model_from_memory", [](Session& s) { return s.load_as(Source::from_memory); }},
      {"dinghy_model_from_owned_memory", [](Session& s) { return s.load_as(Source::from_owned_memory); }},
      {"dinghy_model_copy", [](Session& s) { return (s.copy_ = dinghy_model_copy(s.model_)) != nullptr; }},
      {"dinghy_model_free", [](Session& s) { return dinghy_model_free(s.copy_), true; }},
      {"dinghy_model_verify",  // which finds the damage that one of the models has
       [](Session& s) { return dinghy_model_verify(s.model_, nullptr) != DINGHY_INVALID_ARGUMENT; }},
      {"dinghy_model_selftest",  // whose rows only one of the models has
       [](Session& s) { return dinghy_model_selftest(s.model_, nullptr, nullptr) != DINGHY_INVALID_ARGUMENT; }},
      {"dinghy_model_name", [](Session& s) { return dinghy_model_name(s.model_) != nullptr; }},
      {"dinghy_model_version", [](Session& s) { return *dinghy_model_version(s.model_) == '\0'; }},
      {"dinghy_model_id", [](Session& s) { return dinghy_model_id(s.model_) != 0; }},
      {"dinghy_model_describe", [](Session& s) { return dinghy_model_describe(s.model_, nullptr, 0) > 100; }},
      {"dinghy_model_interests", [](Session& s) { return dinghy_model_interests(s.model_) == 1; }},
      {"dinghy_model_trained_history", [](Session& s) { return dinghy_model_trained_history(s.model_) == 0; }},
      {"dinghy_model_feature_count", [](Session& s) { return dinghy_model_feature_count(s.model_) > 0; }},
      {"dinghy_model_feature",
       [](Session& s) {
         dinghy_feature feature{};
         feature.struct_size = sizeof feature;
         return dinghy_model_feature(s.model_, 0, &feature, nullptr) == DINGHY_OK;
       }},
      {"dinghy_model_feature_number", [](Session& s) { return dinghy_model_feature_number(s.model_, "item") >= 0; }},
      {"dinghy_model_missing_ids", [](Session& s) { return dinghy_model_missing_ids(s.model_, 0) == 0; }},
      {"dinghy_model_prefetch",
       [](Session& s) {
         return dinghy_model_prefetch(s.model_, s.of_.candidates.data(), s.of_.candidates.size(), nullptr) == DINGHY_OK;
       }},
      {"dinghy_model_pin",  // may be refused by the system's limits
       [](Session& s) {
         return dinghy_model_pin(s.model_, s.of_.click.data(), s.of_.click.size(), nullptr) != DINGHY_INVALID_ARGUMENT;
       }},
      {"dinghy_embedding_table_create",
       [](Session& s) {
         return dinghy_embedding_table_create(s.model_, s.item(), false, &s.table_, nullptr) == DINGHY_OK;
       }},
      {"dinghy_embedding_table_version", [](Session& s) { return dinghy_embedding_table_version(s.table_) != 0; }},
      {"dinghy_embedding_table_rows", [](Session& s) { return dinghy_embedding_table_rows(s.table_) > 0; }},
      {"dinghy_embedding_table_width", [](Session& s) { return dinghy_embedding_table_width(s.table_) > 0; }},
      {"dinghy_embedding_table_encoding",
       [](Session& s) { return *dinghy_embedding_table_encoding(s.table_) != '\0'; }},
      {"dinghy_embedding_table_row_bytes", [](Session& s) { return dinghy_embedding_table_row_bytes(s.table_) > 0; }},
      {"dinghy_embedding_table_row", [](Session& s) { return dinghy_embedding_table_row(s.table_, 0) != nullptr; }},
      {"dinghy_embedding_table_block_size",
       [](Session& s) { return dinghy_embedding_table_block_size(s.table_, 1) > 0; }},
      {"dinghy_embedding_table_write",
       [](Session& s) {
         const int64_t id = 0;
         const dinghy_column keys = dinghy_ids(s.item(), &id, 1);
         std::vector<std::byte> block(dinghy_embedding_table_block_size(s.table_, 1));
         uint32_t which = 0;
         size_t written = 0;
         return dinghy_embedding_table_write(s.table_, &keys, block.data(), block.size(), &which, &written, nullptr) ==
                DINGHY_OK;
       }},
      {"dinghy_embedding_table_free", [](Session& s) { return dinghy_embedding_table_free(s.table_), true; }},
      {"dinghy_user_state_size",
       [](Session& s) {
         size_t bytes = 0;
         return dinghy_user_state_size(s.model_, nullptr, &bytes, nullptr) == DINGHY_OK && bytes > 0;
       }},
      {"dinghy_scorer_size",
       [](Session& s) {
         size_t bytes = 0;
         return dinghy_scorer_size(s.model_, nullptr, &bytes, nullptr) == DINGHY_OK && bytes > 0;
       }},
      {"dinghy_user_state_create",
       [](Session& s) {
         const dinghy_user_options options{.struct_size = sizeof options, .max_history = 30, .isa = s.isa_};
         return dinghy_user_state_create(s.model_, &options, &s.user_, nullptr) == DINGHY_OK;
       }},
      {"dinghy_user_state_set",
       [](Session& s) {
         return dinghy_user_state_set(s.user_, s.of_.user.data(), s.of_.user.size(), s.of_.history.data(),
                                      s.of_.history.size(), nullptr) == DINGHY_OK;
       }},
      {"dinghy_pair_memo_create",  // which some of the models refuse
       [](Session& s) {
         const dinghy_pair_memo_options options{.struct_size = sizeof options,
                                                .bytes = 1 << 20,
                                                .items = 0,
                                                .isa = s.isa_,
                                                .integers = DINGHY_INTEGERS_ALWAYS,
                                                .any_arithmetic = false};
         return dinghy_pair_memo_create(s.model_, &options, &s.memo_, nullptr) != DINGHY_INVALID_ARGUMENT;
       }},
      {"dinghy_pair_memo_arithmetic",
       [](Session& s) { return s.memo_ == nullptr || dinghy_pair_memo_arithmetic(s.memo_) != nullptr; }},
      {"dinghy_pair_memo_bytes", [](Session& s) { return s.memo_ == nullptr || dinghy_pair_memo_bytes(s.memo_) > 0; }},
      {"dinghy_pair_memo_count",
       [](Session& s) {
         dinghy_pair_memo_counters counters{};
         counters.struct_size = sizeof counters;
         return s.memo_ == nullptr || dinghy_pair_memo_count(s.memo_, &counters, nullptr) == DINGHY_OK;
       }},
      {"dinghy_pair_memo_verify",
       [](Session& s) { return s.memo_ == nullptr || dinghy_pair_memo_verify(s.memo_, nullptr) == DINGHY_OK; }},
      {"dinghy_pair_memo_save",
       [](Session& s) {
         const auto write = [](void*, const void*, size_t) { return true; };
         return s.memo_ == nullptr || dinghy_pair_memo_save(s.memo_, write, nullptr, nullptr) == DINGHY_OK;
       }},
      {"dinghy_pair_memo_open",  // which is no memo
       [](Session& s) {
         dinghy_pair_memo* memo = nullptr;
         return dinghy_pair_memo_open(s.model_, s.of_.file.path().c_str(), nullptr, &memo, nullptr) == DINGHY_BAD_FILE;
       }},
      {"dinghy_pair_memo_open_fd",
       [](Session& s) {
         dinghy_pair_memo* memo = nullptr;
         return dinghy_pair_memo_open_fd(s.model_, -1, 0, 0, nullptr, &memo, nullptr) == DINGHY_BAD_FILE;
       }},
      {"dinghy_pair_memo_from_owned_memory",
       [](Session& s) {
         alignas(64) static const std::byte kNoMemo[64] = {};
         dinghy_pair_memo* memo = nullptr;
         return dinghy_pair_memo_from_owned_memory(s.model_, kNoMemo, sizeof kNoMemo, nullptr, nullptr, nullptr, &memo,
                                                   nullptr) == DINGHY_BAD_FILE;
       }},
      {"dinghy_pair_memo_read",
       [](Session& s) {
         dinghy_pair_memo* memo = nullptr;
         return dinghy_pair_memo_read(s.model_, s.of_.file.path().c_str(), nullptr, &memo, nullptr) == DINGHY_BAD_FILE;
       }},
      {"dinghy_scorer_create",
       [](Session& s) {
         const dinghy_scorer_options options{.struct_size = sizeof options,
                                             .max_candidates = 12,
                                             .max_history = 30,
                                             .isa = s.isa_,
                                             .integers = DINGHY_INTEGERS_ALWAYS,
                                             .memo = s.memo_};
         return dinghy_scorer_create(s.model_, &options, &s.scorer_, nullptr) == DINGHY_OK;
       }},
      {"dinghy_pair_memo_free", [](Session& s) { return dinghy_pair_memo_free(s.memo_), true; }},
      {"dinghy_scorer_score",
       [](Session& s) {
         return dinghy_scorer_score(s.scorer_, s.user_, s.of_.candidates.data(), s.of_.candidates.size(),
                                    s.scores.data(), 12, s.attention.data(), 12 * 20, nullptr) == DINGHY_OK;
       }},
      {"dinghy_user_state_append",
       [](Session& s) {
         return dinghy_user_state_append(s.user_, s.of_.click.data(), s.of_.click.size(), nullptr) == DINGHY_OK;
       }},
      {"dinghy_user_state_history_length",
       [](Session& s) { return dinghy_user_state_history_length(s.user_, 0) == 21; }},
      {"dinghy_scorer_rescore",
       [](Session& s) {
         return dinghy_scorer_rescore(s.scorer_, s.user_, s.scores.data() + 12, 12, s.attention.data() + 12 * 20,
                                      12 * 21, nullptr) == DINGHY_OK;
       }},
      {"dinghy_scorer_isa", [](Session& s) { return dinghy_scorer_isa(s.scorer_) != nullptr; }},
      {"dinghy_scorer_uses_integers", [](Session& s) { return dinghy_scorer_uses_integers(s.scorer_) >= 0; }},
      {"dinghy_scorer_free", [](Session& s) { return dinghy_scorer_free(s.scorer_), true; }},
      {"dinghy_user_state_free",
       [](Session& s) { return dinghy_user_state_free(s.user_), dinghy_model_free(s.model_), true; }},
  };
  return kSteps;
}

/// Runs a session with the caller's settings in every call, and checks that each leaves them alone.
void run(Session& session, const FloatSettings& settings) {
  for (const Session::Step& step : Session::steps()) {
    const FloatSettings before = FloatSettings::now();
    settings.set();
    const bool succeeded = step.call(session);
    const FloatSettings after = FloatSettings::now();
    before.set();
    CAPTURE(step.function);
    REQUIRE(succeeded);
    REQUIRE(after.control == settings.control);
    REQUIRE(after.status == settings.status);
    REQUIRE(after.x87 == settings.x87);
  }
}

/// In words, so that a NaN is equal to itself.
std::vector<std::uint32_t> bits_of(const std::vector<float>& numbers) {
  std::vector<std::uint32_t> bits(numbers.size());
  std::memcpy(bits.data(), numbers.data(), numbers.size() * sizeof(float));
  return bits;
}

void check_every_setting(const Shape& shape) {
  const ModelFile file(shape);
  const Prepared prepared(file);
  for (const Isa& isa : isas()) {
    if (!isa.available) continue;
    CAPTURE(isa.name);
    for (const Source source :
         {Source::open, Source::read, Source::open_fd, Source::from_memory, Source::from_owned_memory}) {
      Session usual(prepared, isa.name, source);
      run(usual, all_float_settings().front().settings);
      for (const auto& [name, settings] : all_float_settings()) {
        CAPTURE(name);
        Session session(prepared, isa.name, source);
        run(session, settings);
        REQUIRE(bits_of(session.scores) == bits_of(usual.scores));
        REQUIRE(bits_of(session.attention) == bits_of(usual.attention));
      }
    }
  }
}

}  // namespace

TEST_CASE("float environment: the caller's changes no score and stays the caller's", "[caller]") {
  check_every_setting({.field_widths = {8, 4, 4, 6},  // four, so that a row of padding has to be rounded
                       .pads = format::Pads::attend,
                       .pad_to = 25,
                       .dense_and_bag = true,
                       .encoded = true});
  check_every_setting({.field_widths = {24, 12}, .compute = format::Compute::int16});
  check_every_setting({.field_widths = {24, 12}, .compute = format::Compute::int8});
}

TEST_CASE("float environment: NaN and infinity in a table trap in no caller", "[caller]") {
  converter::Network network = random_network({.field_widths = {24, 12}, .compute = format::Compute::int8});
  const ModelFile sound(network);
  Model model = sound.open();
  const auto rows = model.internal().features[*model.feature("item")].table->rows - model.file().data();
  std::vector<std::byte> bytes = sound.bytes();
  const std::uint32_t signalling = 0x7f800001, infinity = 0x7f800000;
  for (std::size_t row = 0; row < 10; ++row) {
    std::memcpy(bytes.data() + rows + static_cast<std::ptrdiff_t>(row * 24 * 4), row % 2 ? &infinity : &signalling, 4);
  }
  std::ofstream(sound.path(), std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  const Prepared prepared(sound);
  for (const Isa& isa : isas()) {
    if (!isa.available) continue;
    for (const auto& [name, settings] : all_float_settings()) {
      CAPTURE(isa.name, name);
      Session session(prepared, isa.name, Source::open);
      run(session, settings);
    }
  }
}

TEST_CASE("float environment: no function of the C API is left out of this test", "[caller]") {
  std::set<std::string> tested, all;
  for (const Session::Step& step : Session::steps()) tested.insert(step.function);
  std::ifstream list(DINGHY_SOURCE_DIR "/tests/engine/c_api_symbols.txt");
  for (std::string line; std::getline(list, line);) all.insert(line);
  CHECK(all.size() > 20);
  CHECK(tested == all);
}

}  // namespace dinghy::tests
