// dinghy.Model.
#include <cstdlib>

#include "columns.h"
#include "dinghy_Native.h"
#include "errors.h"

using dinghy::jni::address_of;
using dinghy::jni::bytes_of;
using dinghy::jni::handle;
using dinghy::jni::succeeded;
using dinghy::jni::Text;

namespace {

/// Keeps a buffer of Java's while a model lies in it.
struct Buffer {
  JavaVM* vm;
  jobject buffer;  // a global reference
};

/// Called by the thread that frees the last handle, which came from Java.
void release(void* context) {
  auto* const kept = static_cast<Buffer*>(context);
  void* env = nullptr;
  if (kept->vm->GetEnv(&env, JNI_VERSION_1_6) == JNI_OK) static_cast<JNIEnv*>(env)->DeleteGlobalRef(kept->buffer);
  std::free(kept);
}

/// NULL where there is no memory.
Buffer* keep(JNIEnv* env, jobject buffer) noexcept {
  auto* const kept = static_cast<Buffer*>(std::malloc(sizeof(Buffer)));
  if (kept == nullptr) return nullptr;
  kept->buffer = env->NewGlobalRef(buffer);
  if (kept->buffer != nullptr && env->GetJavaVM(&kept->vm) == JNI_OK) return kept;
  std::free(kept);
  return nullptr;
}

jlong made(JNIEnv* env, dinghy_code code, const dinghy_status& status, dinghy_model* model) noexcept {
  return succeeded(env, code, status) ? address_of(model) : 0;
}

}  // namespace

extern "C" {

jlong Java_dinghy_Native_open(JNIEnv* env, jclass, jbyteArray path, jboolean copy) {
  const Text text(env, path);
  dinghy_model* model = nullptr;
  dinghy_status status;
  const dinghy_code code = (copy ? dinghy_model_read : dinghy_model_open)(text.get(), &model, &status);
  return made(env, code, status, model);
}

jlong Java_dinghy_Native_openDescriptor(JNIEnv* env, jclass, jint descriptor, jlong offset, jlong size) {
  dinghy_model* model = nullptr;
  dinghy_status status;
  const dinghy_code code = dinghy_model_open_fd(descriptor, static_cast<std::uint64_t>(offset),
                                                static_cast<std::uint64_t>(size), &model, &status);
  return made(env, code, status, model);
}

jlong Java_dinghy_Native_fromMemory(JNIEnv* env, jclass, jobject direct, jint position, jint size) {
  static constexpr std::uint64_t kNothing = 0;  // an empty buffer may have no address
  const auto* const address = static_cast<const char*>(env->GetDirectBufferAddress(direct));
  const void* const begin = size == 0 ? static_cast<const void*>(&kNothing) : address + position;
  Buffer* const kept = keep(env, direct);
  if (kept == nullptr) {
    dinghy::jni::fail(env, DINGHY_OUT_OF_MEMORY, "no memory for a reference to the buffer");
    return 0;
  }
  dinghy_model* model = nullptr;
  dinghy_status status;
  const dinghy_code code =
      dinghy_model_from_owned_memory(begin, static_cast<std::size_t>(size), release, kept, &model, &status);
  return made(env, code, status, model);
}

void Java_dinghy_Native_freeModel(JNIEnv*, jclass, jlong model) { dinghy_model_free(handle<dinghy_model>(model)); }

jbyteArray Java_dinghy_Native_modelName(JNIEnv* env, jclass, jlong model) {
  return bytes_of(env, dinghy_model_name(handle<dinghy_model>(model)));
}

jbyteArray Java_dinghy_Native_modelVersion(JNIEnv* env, jclass, jlong model) {
  return bytes_of(env, dinghy_model_version(handle<dinghy_model>(model)));
}

jlong Java_dinghy_Native_modelId(JNIEnv*, jclass, jlong model) {
  return static_cast<jlong>(dinghy_model_id(handle<dinghy_model>(model)));
}

jint Java_dinghy_Native_interests(JNIEnv*, jclass, jlong model) {
  return static_cast<jint>(dinghy_model_interests(handle<dinghy_model>(model)));
}

jint Java_dinghy_Native_trainedHistory(JNIEnv*, jclass, jlong model) {
  return static_cast<jint>(dinghy_model_trained_history(handle<dinghy_model>(model)));
}

jbyteArray Java_dinghy_Native_describe(JNIEnv* env, jclass, jlong model) {
  const std::size_t size = dinghy_model_describe(handle<dinghy_model>(model), nullptr, 0);
  auto* const text = static_cast<char*>(std::malloc(size));
  if (text == nullptr) return bytes_of(env, "");
  dinghy_model_describe(handle<dinghy_model>(model), text, size);
  const jbyteArray bytes = bytes_of(env, text, size - 1);
  std::free(text);
  return bytes;
}

jint Java_dinghy_Native_featureCount(JNIEnv*, jclass, jlong model) {
  return static_cast<jint>(dinghy_model_feature_count(handle<dinghy_model>(model)));
}

jbyteArray Java_dinghy_Native_feature(JNIEnv* env, jclass, jlong model, jint index, jintArray facts) {
  dinghy_feature feature{};
  feature.struct_size = sizeof feature;
  dinghy_model_feature(handle<dinghy_model>(model), static_cast<std::size_t>(index), &feature, nullptr);
  const jint values[] = {feature.role, feature.kind, feature.in_history, feature.string_ids,
                         static_cast<jint>(feature.dense_width)};
  env->SetIntArrayRegion(facts, 0, 5, values);
  return bytes_of(env, feature.name);
}

jlong Java_dinghy_Native_missingIds(JNIEnv*, jclass, jlong model, jint feature) {
  return static_cast<jlong>(dinghy_model_missing_ids(handle<dinghy_model>(model), static_cast<std::uint32_t>(feature)));
}

void Java_dinghy_Native_verify(JNIEnv* env, jclass, jlong model) {
  dinghy_status status;
  succeeded(env, dinghy_model_verify(handle<dinghy_model>(model), &status), status);
}

void Java_dinghy_Native_selftest(JNIEnv* env, jclass, jlong model, jbyteArray isa) {
  const Text name(env, isa);
  dinghy_status status;
  succeeded(env, dinghy_model_selftest(handle<dinghy_model>(model), name.get(), &status), status);
}

void Java_dinghy_Native_prefetch(JNIEnv* env, jclass, jlong model, jlong columns, jint count) {
  dinghy_status status;
  const dinghy_column* const at = dinghy::jni::columns_at(columns, count);
  succeeded(env, dinghy_model_prefetch(handle<dinghy_model>(model), at, static_cast<std::size_t>(count), &status),
            status);
}
}
