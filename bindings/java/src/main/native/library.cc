// What concerns no object.
#include "dinghy_Native.h"
#include "errors.h"

using dinghy::jni::bytes_of;

extern "C" {

JNIEXPORT jint JNICALL JNI_OnLoad(JavaVM* vm, void*) {
  void* env = nullptr;
  if (vm->GetEnv(&env, JNI_VERSION_1_6) != JNI_OK) return JNI_ERR;
  return dinghy::jni::load_errors(static_cast<JNIEnv*>(env)) ? JNI_VERSION_1_6 : JNI_ERR;
}

jbyteArray Java_dinghy_Native_version(JNIEnv* env, jclass) { return bytes_of(env, dinghy_version()); }

jbyteArray Java_dinghy_Native_isaName(JNIEnv* env, jclass, jint index) {
  const char* const name = dinghy_isa_name(static_cast<std::size_t>(index));
  return name == nullptr ? nullptr : bytes_of(env, name);
}

jboolean Java_dinghy_Native_isaAvailable(JNIEnv*, jclass, jint index) {
  return dinghy_isa_available(static_cast<std::size_t>(index));
}

jlong Java_dinghy_Native_address(JNIEnv* env, jclass, jobject direct) {
  return dinghy::jni::address_of(env->GetDirectBufferAddress(direct));
}
}
