# Precompiled headers: reading the headers of the standard library, fmt, GoogleMock, CLI11 and the JSON
# library is most of what compiling a file costs. Each file includes what it uses all the same; the
# build that clang-tidy reads has PANGU_PRECOMPILE=OFF and proves it.
set(PANGU_PRECOMPILE tests CACHE STRING "Whose headers are precompiled: OFF, tests, all")
set_property(CACHE PANGU_PRECOMPILE PROPERTY STRINGS OFF tests all)
if(NOT PANGU_PRECOMPILE MATCHES "^(OFF|tests|all)$")
  message(FATAL_ERROR "PANGU_PRECOMPILE is '${PANGU_PRECOMPILE}'; OFF, tests or all was expected.")
endif()

set(PANGU_COMMON_HEADERS <algorithm> <cmath> <filesystem> <memory> <optional> <span> <string>
    <string_view> <utility> <vector> <fmt/format.h> <nlohmann/json.hpp>)

# One set for all layers, in builds that optimize little: optimizing more with precompiled headers,
# GCC 12 warns of its own strings. Code of an instruction set and, under sanitizers, of hot layers has
# flags of its own, and does without.
if(PANGU_PRECOMPILE STREQUAL "all")
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/layer_headers.cpp CONTENT "")
  add_library(pangu_layer_headers OBJECT EXCLUDE_FROM_ALL ${PROJECT_BINARY_DIR}/layer_headers.cpp)
  set_target_properties(pangu_layer_headers PROPERTIES POSITION_INDEPENDENT_CODE ON)
  target_link_libraries(pangu_layer_headers PRIVATE pangu_flags pangu_cold_flags pangu_coverage_flags
    fmt::fmt nlohmann_json::nlohmann_json)
  target_precompile_headers(pangu_layer_headers PRIVATE ${PANGU_COMMON_HEADERS})
endif()

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
  pangu_compile_together(${target})
  if(PANGU_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM pangu_test_headers)
  endif()
endfunction()
