// dinghy.Scorer.
#include <cstdio>
#include <cstdlib>

#include "columns.h"
#include "dinghy_Native.h"
#include "errors.h"

using dinghy::jni::fail;
using dinghy::jni::handle;
using dinghy::jni::succeeded;

namespace {

struct Scorer {
  dinghy_scorer* scorer;
  std::size_t interests;
  float* results;  // of a call, on their way into arrays of Java's
  std::size_t room;
};

struct Output {
  float* scores;
  std::size_t score_count;
  float* attention;
  std::size_t attention_count;
};

std::size_t count_weights(const Scorer& scorer, const dinghy_user_state* user, jint rows) noexcept {
  std::size_t behaviors = 0;
  for (std::size_t i = 0; i < scorer.interests; ++i) behaviors += dinghy_user_state_history_length(user, i);
  return behaviors * static_cast<std::size_t>(rows);
}

/// Whether there is room for so many weights; else throws.
bool fits(JNIEnv* env, std::size_t weights, jint room) noexcept {
  if (weights <= static_cast<std::size_t>(room)) return true;
  char message[96];
  std::snprintf(message, sizeof message, "%zu attention weights, room for %d", weights, static_cast<int>(room));
  fail(env, DINGHY_INVALID_ARGUMENT, message);
  return false;
}

/// Whether there is memory for the results of a call; else throws.
bool reserve(JNIEnv* env, Scorer& scorer, std::size_t count) noexcept {
  if (count <= scorer.room) return true;
  auto* const larger = static_cast<float*>(std::realloc(scorer.results, count * sizeof(float)));
  if (larger == nullptr) {
    fail(env, DINGHY_OUT_OF_MEMORY, "no memory for the results of this call");
    return false;
  }
  scorer.results = larger;
  scorer.room = count;
  return true;
}

/// Scores the columns at the address; without one the candidates of the last call.
bool run(JNIEnv* env, Scorer& scorer, const dinghy_user_state* user, jlong columns, jint count,
         const Output& out) noexcept {
  dinghy_status status;
  const dinghy_code code = columns == 0
                               ? dinghy_scorer_rescore(scorer.scorer, user, out.scores, out.score_count, out.attention,
                                                       out.attention_count, &status)
                               : dinghy_scorer_score(scorer.scorer, user, dinghy::jni::columns_at(columns, count),
                                                     static_cast<std::size_t>(count), out.scores, out.score_count,
                                                     out.attention, out.attention_count, &status);
  return succeeded(env, code, status);
}

/// Floats of a direct buffer; NULL for none, and for one that the JVM gives no address of.
float* floats_at(JNIEnv* env, jobject buffer, jint position) noexcept {
  auto* const begin = buffer == nullptr ? nullptr : static_cast<float*>(env->GetDirectBufferAddress(buffer));
  return begin == nullptr ? nullptr : begin + position;
}

}  // namespace

extern "C" {

jlong Java_dinghy_Native_createScorer(JNIEnv* env, jclass, jlong model, jint max_candidates, jint max_history,
                                      jbyteArray isa, jint integers, jlong memo, jint interests) {
  const dinghy::jni::Text name(env, isa);
  dinghy_scorer_options options{};
  options.struct_size = sizeof options;
  options.max_candidates = static_cast<std::size_t>(max_candidates);
  options.max_history = static_cast<std::size_t>(max_history);
  options.isa = name.get();
  options.integers = static_cast<std::size_t>(integers);
  options.memo = handle<dinghy_pair_memo>(memo);
  dinghy_scorer* scorer = nullptr;
  dinghy_status status;
  if (!succeeded(env, dinghy_scorer_create(handle<dinghy_model>(model), &options, &scorer, &status), status)) return 0;
  auto* const made = static_cast<Scorer*>(std::malloc(sizeof(Scorer)));
  if (made == nullptr) {
    dinghy_scorer_free(scorer);
    fail(env, DINGHY_OUT_OF_MEMORY, "no memory for a scorer's handle");
    return 0;
  }
  *made = {.scorer = scorer, .interests = static_cast<std::size_t>(interests), .results = nullptr, .room = 0};
  return dinghy::jni::address_of(made);
}

void Java_dinghy_Native_freeScorer(JNIEnv*, jclass, jlong scorer) {
  auto* const freed = handle<Scorer>(scorer);
  dinghy_scorer_free(freed->scorer);
  std::free(freed->results);
  std::free(freed);
}

jbyteArray Java_dinghy_Native_scorerIsa(JNIEnv* env, jclass, jlong scorer) {
  return dinghy::jni::bytes_of(env, dinghy_scorer_isa(handle<Scorer>(scorer)->scorer));
}

jboolean Java_dinghy_Native_usesIntegers(JNIEnv*, jclass, jlong scorer) {
  return dinghy_scorer_uses_integers(handle<Scorer>(scorer)->scorer) != 0;
}

void Java_dinghy_Native_score(JNIEnv* env, jclass, jlong scorer_address, jlong user_address, jlong columns, jint count,
                              jint rows, jfloatArray scores, jfloatArray attention) {
  Scorer& scorer = *handle<Scorer>(scorer_address);
  const auto* const user = handle<dinghy_user_state>(user_address);
  const std::size_t weights = attention == nullptr ? 0 : count_weights(scorer, user, rows);
  if (weights > 0 && !fits(env, weights, env->GetArrayLength(attention))) return;
  const auto score_count = static_cast<std::size_t>(rows);
  if (!reserve(env, scorer, score_count + weights)) return;
  const Output out{.scores = scorer.results,
                   .score_count = score_count,
                   .attention = weights == 0 ? nullptr : scorer.results + score_count,
                   .attention_count = weights};
  if (!run(env, scorer, user, columns, count, out)) return;
  env->SetFloatArrayRegion(scores, 0, rows, out.scores);
  if (weights > 0) env->SetFloatArrayRegion(attention, 0, static_cast<jsize>(weights), out.attention);
}

void Java_dinghy_Native_scoreInto(JNIEnv* env, jclass, jlong scorer_address, jlong user_address, jlong columns,
                                  jint count, jint rows, jobject scores, jint scores_position, jobject attention,
                                  jint attention_position, jint attention_room) {
  Scorer& scorer = *handle<Scorer>(scorer_address);
  const auto* const user = handle<dinghy_user_state>(user_address);
  const std::size_t weights = attention == nullptr ? 0 : count_weights(scorer, user, rows);
  if (!fits(env, weights, attention_room)) return;
  const Output out{.scores = floats_at(env, scores, scores_position),
                   .score_count = static_cast<std::size_t>(rows),
                   .attention = weights == 0 ? nullptr : floats_at(env, attention, attention_position),
                   .attention_count = weights};
  run(env, scorer, user, columns, count, out);
}
}
