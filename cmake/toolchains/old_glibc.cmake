# For systems with an older glibc than this machine's: the clang, the C++ library and the stubs of glibc that Zig brings.
# scripts/wheels writes the compilers into one folder, and unpacks the libraries, all static, into another.
get_filename_component(work ${CMAKE_CURRENT_LIST_DIR}/../../build/wheels ABSOLUTE)
set(CMAKE_C_COMPILER ${work}/bin/cc)
set(CMAKE_CXX_COMPILER ${work}/bin/c++)
set(CMAKE_AR ${work}/bin/ar)
set(CMAKE_RANLIB ${work}/bin/ranlib)
set(CMAKE_EXE_LINKER_FLAGS_INIT -s)
set(CMAKE_MODULE_LINKER_FLAGS_INIT -s)

# Headers out of /usr/include would bring those of this machine's glibc with them. A Python of Debian's takes one from
# there, by the name of the architecture.
set(CMAKE_CXX_FLAGS_INIT "-O2 -idirafter ${work}/include")  # without an -O Zig builds its C++ library a second time
set(CMAKE_FIND_ROOT_PATH ${work}/libraries)
set(CMAKE_LIBRARY_ARCHITECTURE ${CMAKE_HOST_SYSTEM_PROCESSOR}-linux-gnu)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE BOTH)  # nanobind is a package of Python's
set(ENV{PKG_CONFIG_LIBDIR} ${work}/libraries/usr/lib/pkgconfig)
set(OPENSSL_USE_STATIC_LIBS ON)
