// dinghy.UserState.
#include "columns.h"
#include "dinghy_Native.h"
#include "errors.h"

using dinghy::jni::columns_at;
using dinghy::jni::handle;
using dinghy::jni::succeeded;

extern "C" {

jlong Java_dinghy_Native_createUser(JNIEnv* env, jclass, jlong model, jint max_history, jbyteArray isa) {
  const dinghy::jni::Text name(env, isa);
  dinghy_user_options options{};
  options.struct_size = sizeof options;
  options.max_history = static_cast<std::size_t>(max_history);
  options.isa = name.get();
  dinghy_user_state* user = nullptr;
  dinghy_status status;
  const dinghy_code code = dinghy_user_state_create(handle<dinghy_model>(model), &options, &user, &status);
  return succeeded(env, code, status) ? dinghy::jni::address_of(user) : 0;
}

void Java_dinghy_Native_freeUser(JNIEnv*, jclass, jlong user) {
  dinghy_user_state_free(handle<dinghy_user_state>(user));
}

void Java_dinghy_Native_set(JNIEnv* env, jclass, jlong user, jlong features, jint feature_count, jlong history,
                            jint history_count) {
  dinghy_status status;
  const dinghy_code code = dinghy_user_state_set(
      handle<dinghy_user_state>(user), columns_at(features, feature_count), static_cast<std::size_t>(feature_count),
      columns_at(history, history_count), static_cast<std::size_t>(history_count), &status);
  succeeded(env, code, status);
}

void Java_dinghy_Native_append(JNIEnv* env, jclass, jlong user, jlong behaviors, jint count) {
  dinghy_status status;
  const dinghy_code code = dinghy_user_state_append(handle<dinghy_user_state>(user), columns_at(behaviors, count),
                                                    static_cast<std::size_t>(count), &status);
  succeeded(env, code, status);
}

jint Java_dinghy_Native_historyLength(JNIEnv*, jclass, jlong user, jint interest) {
  return static_cast<jint>(
      dinghy_user_state_history_length(handle<dinghy_user_state>(user), static_cast<std::size_t>(interest)));
}
}
