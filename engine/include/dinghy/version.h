// The version of these headers, for C and C++. That of the engine that is linked: dinghy_version(), dinghy::version().
#pragma once

#define DINGHY_VERSION_MAJOR 0
#define DINGHY_VERSION_MINOR 1
#define DINGHY_VERSION_PATCH 0
#define DINGHY_VERSION "0.1.0"

#ifdef __cplusplus
namespace dinghy {

/// DINGHY_VERSION of the engine that is linked: another than the headers' where an application loads a shared library.
const char* version() noexcept;

}  // namespace dinghy
#endif
