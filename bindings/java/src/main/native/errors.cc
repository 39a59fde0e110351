#include "errors.h"

#include <cstring>

namespace dinghy::jni {
namespace {

jclass exception_class;
jmethodID constructor;

}  // namespace

bool load_errors(JNIEnv* env) noexcept {
  const jclass found = env->FindClass("dinghy/DinghyException");
  if (found == nullptr) return false;
  exception_class = static_cast<jclass>(env->NewGlobalRef(found));
  constructor = env->GetMethodID(found, "<init>", "(I[B)V");
  return exception_class != nullptr && constructor != nullptr;
}

void fail(JNIEnv* env, dinghy_code code, const char* message) noexcept {
  const jbyteArray text = bytes_of(env, message);
  if (text == nullptr) return;
  const jobject exception = env->NewObject(exception_class, constructor, static_cast<jint>(code), text);
  if (exception != nullptr) env->Throw(static_cast<jthrowable>(exception));
}

jbyteArray bytes_of(JNIEnv* env, const char* text, std::size_t size) noexcept {
  const jbyteArray bytes = env->NewByteArray(static_cast<jsize>(size));
  if (bytes == nullptr) return nullptr;
  env->SetByteArrayRegion(bytes, 0, static_cast<jsize>(size), reinterpret_cast<const jbyte*>(text));
  return bytes;
}

jbyteArray bytes_of(JNIEnv* env, const char* text) noexcept { return bytes_of(env, text, std::strlen(text)); }

}  // namespace dinghy::jni
