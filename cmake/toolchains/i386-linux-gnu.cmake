# 32-bit x86 Linux, by the machine's own g++ and run by its own kernel.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR i686)
set(CMAKE_CROSSCOMPILING FALSE)  # an x86-64 kernel runs the programs

# SSE2 is what all 32-bit x86 processors of this century have, and Android asks for; the x87 unit, which g++ would use
# otherwise, rounds floats only when they leave its registers. g++ without its multilib packages, which exclude Debian's
# cross compilers, finds the kernel's headers in the folder of the other architecture.
set(CMAKE_CXX_FLAGS_INIT "-m32 -msse2 -mfpmath=sse -idirafter /usr/include/x86_64-linux-gnu")
set(CMAKE_C_FLAGS_INIT "${CMAKE_CXX_FLAGS_INIT}")

include(${CMAKE_CURRENT_LIST_DIR}/foreign_libraries.cmake)
foreign_libraries(DINGHY_I386_LIBRARIES i386-libraries)
