# Cross build for 64-bit Arm Linux with Debian's compiler (preset `aarch64`): libraries from
# build/arm-root, which tools/install_dependencies.sh --arm makes; programs that the build runs, and
# tests, run in qemu.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)

get_filename_component(CMAKE_SYSROOT "${CMAKE_CURRENT_LIST_DIR}/../build/arm-root" ABSOLUTE)
if(NOT EXISTS ${CMAKE_SYSROOT}/packages.txt)
  message(FATAL_ERROR "${CMAKE_SYSROOT} is not there: run tools/install_dependencies.sh --arm")
endif()
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${CMAKE_SYSROOT})
set(ENV{PKG_CONFIG_LIBDIR}
  ${CMAKE_SYSROOT}/usr/lib/aarch64-linux-gnu/pkgconfig:${CMAKE_SYSROOT}/usr/share/pkgconfig)

# Tests that an emulator cannot pass look at the variable (tests/support/support.h).
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64-static -E PANGU_TEST_EMULATED=1 -L ${CMAKE_SYSROOT})
