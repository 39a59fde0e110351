// dinghy.PairMemo.
#include "dinghy_Native.h"
#include "errors.h"

using dinghy::jni::handle;
using dinghy::jni::succeeded;

extern "C" {

jlong Java_dinghy_Native_createMemo(JNIEnv* env, jclass, jlong model, jlong bytes, jbyteArray isa, jint integers) {
  const dinghy::jni::Text name(env, isa);
  dinghy_pair_memo_options options{};
  options.struct_size = sizeof options;
  options.bytes = static_cast<std::size_t>(bytes);
  options.isa = name.get();
  options.integers = static_cast<std::size_t>(integers);
  dinghy_pair_memo* memo = nullptr;
  dinghy_status status;
  const dinghy_code code = dinghy_pair_memo_create(handle<dinghy_model>(model), &options, &memo, &status);
  return succeeded(env, code, status) ? dinghy::jni::address_of(memo) : 0;
}

void Java_dinghy_Native_freeMemo(JNIEnv*, jclass, jlong memo) { dinghy_pair_memo_free(handle<dinghy_pair_memo>(memo)); }

void Java_dinghy_Native_countMemo(JNIEnv* env, jclass, jlong memo, jlongArray counters) {
  dinghy_pair_memo_counters counted{};
  counted.struct_size = sizeof counted;
  dinghy_status status;
  if (!succeeded(env, dinghy_pair_memo_count(handle<dinghy_pair_memo>(memo), &counted, &status), status)) return;
  const std::uint64_t all[] = {counted.found,    counted.computed, counted.kept,
                               counted.replaced, counted.items,    counted.room};
  for (jsize i = 0; i < 6; ++i) {
    const auto value = static_cast<jlong>(all[i]);
    env->SetLongArrayRegion(counters, i, 1, &value);
  }
}
}
