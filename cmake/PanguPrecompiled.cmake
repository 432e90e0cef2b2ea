# Precompiled headers for the tests and the program: reading the headers of GoogleMock, CLI11 and the
# JSON library is most of what compiling one of their files costs. Each file includes what it uses all
# the same; the build that clang-tidy reads has PANGU_PRECOMPILE=OFF and proves it of the program.
option(PANGU_PRECOMPILE "Precompile headers of libraries for the tests and the program" ON)

set(PANGU_COMMON_HEADERS <algorithm> <cmath> <filesystem> <memory> <optional> <span> <string>
    <string_view> <utility> <vector> <fmt/format.h> <nlohmann/json.hpp>)

# One set for all test programs, which must have the same compile flags.
if(PANGU_PRECOMPILE AND PANGU_BUILD_TESTS)
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/test_headers.cpp CONTENT "")
  add_library(pangu_test_headers OBJECT EXCLUDE_FROM_ALL ${PROJECT_BINARY_DIR}/test_headers.cpp)
  target_link_libraries(pangu_test_headers PRIVATE pangu_flags pangu_test_flags fmt::fmt
    nlohmann_json::nlohmann_json GTest::gmock)
  target_precompile_headers(pangu_test_headers PRIVATE ${PANGU_COMMON_HEADERS} <gmock/gmock.h>
    <gtest/gtest.h>)
endif()

# Links a test program to the flags and headers that all of them share.
function(pangu_compile_quickly target)
  target_link_libraries(${target} PRIVATE pangu_test_flags)
  if(PANGU_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM pangu_test_headers)
  endif()
endfunction()
