// Columns of Java, where dinghy.Columns wrote them, as columns of the C API.
#pragma once

#include <jni.h>

#include "dinghy/dinghy.h"

namespace dinghy::jni {

/// The columns in the memory at `address`; they lie in it too, as long as no other call changes it.
const dinghy_column* columns_at(jlong address, jint count) noexcept;

}  // namespace dinghy::jni
