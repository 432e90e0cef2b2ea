# pangu_add_layer(<name> [DEPENDS <layer>...] [LIBRARIES <target>...])
#
# One object library per layer folder. A layer sees only the layers it names, so an upward include
# fails in tools/check_layers.sh and an upward call fails to link in the layer's own test program.
# Sources are found by pattern: *_test.cpp go to the layer's test program, *_fuzz.cpp to fuzzers.
function(pangu_add_layer name)
  cmake_parse_arguments(arg "" "" "DEPENDS;LIBRARIES" ${ARGN})
  file(GLOB_RECURSE all CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cpp)
  set(sources ${all})
  set(tests ${all})
  set(fuzzers ${all})
  list(FILTER sources EXCLUDE REGEX "_(test|fuzz)\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cpp$")

  set(target pangu_${name})
  add_library(${target} OBJECT ${sources})
  target_include_directories(${target} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src>)
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  target_link_libraries(${target} PUBLIC pangu_flags ${arg_LIBRARIES})
  if(TARGET pangu_layer_headers)
    target_precompile_headers(${target} REUSE_FROM pangu_layer_headers)
  endif()
  foreach(isa avx2 avx512 avx512vnni avx512bf16)
    set(isa_sources ${sources})
    list(FILTER isa_sources INCLUDE REGEX "_${isa}\\.cpp$")
    if(isa_sources)
      set(isa_flags ${PANGU_FLAGS_${isa}})
      if(PANGU_BUILD_FUZZERS)  # no fuzzer looks at kernels, and instrumenting their tiles takes minutes
        list(APPEND isa_flags -O0 -fno-sanitize=all)
      endif()
      set_source_files_properties(${isa_sources} PROPERTIES
        COMPILE_OPTIONS "${isa_flags}" SKIP_PRECOMPILE_HEADERS ON)
    endif()
  endforeach()

  # The layer with everything below it, for tests and fuzzers.
  add_library(${target}_closure INTERFACE)
  target_link_libraries(${target}_closure INTERFACE ${target} $<TARGET_OBJECTS:${target}>)
  foreach(below IN LISTS arg_DEPENDS)
    target_link_libraries(${target} PUBLIC pangu_${below})
  endforeach()
  pangu_transitive_layers(closure ${arg_DEPENDS})
  set_property(GLOBAL PROPERTY PANGU_LAYER_${name} ${arg_DEPENDS})
  set_property(GLOBAL APPEND PROPERTY PANGU_LAYERS ${name})
  foreach(below IN LISTS closure)
    target_link_libraries(${target}_closure INTERFACE pangu_${below} $<TARGET_OBJECTS:pangu_${below}>)
  endforeach()

  if(PANGU_BUILD_TESTS AND tests)
    add_executable(${target}_test ${tests} ${PROJECT_SOURCE_DIR}/tests/support/main.cpp)
    target_include_directories(${target}_test PRIVATE ${PROJECT_SOURCE_DIR} ${RAPIDCHECK_INCLUDE_DIR})
    target_link_libraries(${target}_test PRIVATE ${target}_closure GTest::gmock ${RAPIDCHECK_LIBRARY})
    if(NOT name STREQUAL "kernels")  # its tests compute large references
      pangu_compile_quickly(${target}_test)
    endif()
    pangu_discover_tests(${target}_test ${name})
  endif()
  if(PANGU_BUILD_FUZZERS)
    foreach(source IN LISTS fuzzers)
      get_filename_component(fuzzer ${source} NAME_WE)
      add_executable(${fuzzer} ${source})
      target_link_libraries(${fuzzer} PRIVATE ${target}_closure -fsanitize=fuzzer)
      set_target_properties(${fuzzer} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/fuzz)
    endforeach()
  endif()
endfunction()

# Every layer reachable from the given ones, each once.
function(pangu_transitive_layers out)
  set(seen "")
  set(open ${ARGN})
  while(open)
    list(POP_FRONT open layer)
    if(NOT layer IN_LIST seen)
      list(APPEND seen ${layer})
      get_property(below GLOBAL PROPERTY PANGU_LAYER_${layer})
      list(APPEND open ${below})
    endif()
  endwhile()
  set(${out} ${seen} PARENT_SCOPE)
endfunction()

include(GoogleTest)
function(pangu_discover_tests target label)
  gtest_discover_tests(${target}
    TEST_PREFIX ${label}.
    DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS ${label} TIMEOUT 600
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
endfunction()
