# Debian's cross compiler for 64-bit ARM Linux, with qemu-user to run what it makes.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)

include(${CMAKE_CURRENT_LIST_DIR}/foreign_libraries.cmake)
foreign_libraries(DINGHY_ARM64_LIBRARIES arm64-libraries)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(ENV{PKG_CONFIG_LIBDIR} ${DINGHY_ARM64_LIBRARIES}/usr/lib/aarch64-linux-gnu/pkgconfig)
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${DINGHY_ARM64_LIBRARIES})

# OpenSSL has headers of the architecture.
set(CMAKE_CXX_FLAGS_INIT "-isystem ${DINGHY_ARM64_LIBRARIES}/usr/include/aarch64-linux-gnu")

# The libraries that those libraries need: for the linker, and at run time, where qemu looks in the folder first.
set(library_folders ${DINGHY_ARM64_LIBRARIES}/lib/aarch64-linux-gnu:${DINGHY_ARM64_LIBRARIES}/usr/lib/aarch64-linux-gnu)
set(CMAKE_EXE_LINKER_FLAGS_INIT -Wl,-rpath-link,${library_folders})
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64 -L ${DINGHY_ARM64_LIBRARIES})
