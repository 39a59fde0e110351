// What the engine refuses, as exceptions of Java.
#pragma once

#include <jni.h>

#include <cstddef>
#include <cstdint>

#include "dinghy/dinghy.h"

namespace dinghy::jni {

/// Finds the class of the exceptions; once, when the library is loaded. False with an exception pending.
bool load_errors(JNIEnv* env) noexcept;

/// Throws a DinghyException when Java goes on.
void fail(JNIEnv* env, dinghy_code code, const char* message) noexcept;

/// Whether a call succeeded; else throws its status.
inline bool succeeded(JNIEnv* env, dinghy_code code, const dinghy_status& status) noexcept {
  if (code != DINGHY_OK) fail(env, code, status.message);
  return code == DINGHY_OK;
}

/// A text of the engine, for Native.string. NULL with an exception pending where Java has no memory.
jbyteArray bytes_of(JNIEnv* env, const char* text, std::size_t size) noexcept;
jbyteArray bytes_of(JNIEnv* env, const char* text) noexcept;

/// The handle in a long.
template <class T>
T* handle(jlong address) noexcept {
  return reinterpret_cast<T*>(static_cast<std::uintptr_t>(address));
}
inline jlong address_of(const void* pointer) noexcept {
  return static_cast<jlong>(reinterpret_cast<std::uintptr_t>(pointer));
}

/// A text that Native.text made, or "" for one that Java has no memory for.
class Text {
 public:
  Text(JNIEnv* env, jbyteArray bytes) noexcept
      : env_(env), bytes_(bytes), text_(env->GetByteArrayElements(bytes, nullptr)) {}
  Text(const Text&) = delete;
  ~Text() {
    if (text_ != nullptr) env_->ReleaseByteArrayElements(bytes_, text_, JNI_ABORT);
  }

  const char* get() const noexcept { return text_ == nullptr ? "" : reinterpret_cast<const char*>(text_); }

 private:
  JNIEnv* env_;
  jbyteArray bytes_;
  jbyte* text_;
};

}  // namespace dinghy::jni
