#include "dinghy/version.h"

namespace dinghy {

const char* version() noexcept { return DINGHY_VERSION; }

}  // namespace dinghy
