# 32-bit x86 Linux, by the machine's own g++ and run by its own kernel. Catch2 comes from the folder that
# scripts/foreign-libraries has filled.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR i686)
set(CMAKE_CROSSCOMPILING FALSE)  # an x86-64 kernel runs the programs

# SSE2 is what all 32-bit x86 processors of this century have, and Android asks for; the x87 unit, which g++ would use
# otherwise, rounds floats only when they leave its registers. g++ without its multilib packages, which exclude Debian's
# cross compilers, finds the kernel's headers in the folder of the other architecture.
set(CMAKE_CXX_FLAGS_INIT "-m32 -msse2 -mfpmath=sse -idirafter /usr/include/x86_64-linux-gnu")
set(CMAKE_C_FLAGS_INIT "${CMAKE_CXX_FLAGS_INIT}")

if(NOT DINGHY_I386_LIBRARIES)
  set(DINGHY_I386_LIBRARIES ${CMAKE_CURRENT_LIST_DIR}/../../build/i386-libraries)
endif()
get_filename_component(DINGHY_I386_LIBRARIES ${DINGHY_I386_LIBRARIES} ABSOLUTE)
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES DINGHY_I386_LIBRARIES)
set(CMAKE_FIND_ROOT_PATH ${DINGHY_I386_LIBRARIES})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE BOTH)
file(GLOB FlatBuffers_DIR /usr/lib/*/cmake/flatbuffers)
