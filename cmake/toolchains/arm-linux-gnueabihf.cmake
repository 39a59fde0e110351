# Debian's cross compiler for 32-bit ARM Linux (armv7, hard float), with qemu-user to run what it makes.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR armv7)
set(CMAKE_C_COMPILER arm-linux-gnueabihf-gcc)
set(CMAKE_CXX_COMPILER arm-linux-gnueabihf-g++)

include(${CMAKE_CURRENT_LIST_DIR}/foreign_libraries.cmake)
foreign_libraries(DINGHY_ARMHF_LIBRARIES armhf-libraries)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-arm -L /usr/arm-linux-gnueabihf)
