# pangu_discover_tests(<target> <label> [GUARDED])
#
# One test of ctest for each suite of a test program, found by running the program once it is built.
# A process for each single test would take longer than most tests do, under sanitizers above all.
# Every run writes what each single test did to results/LABEL.SUITE.xml in the build folder, which
# tools/report_tests.sh reads.
#
# GUARDED lists them once more, as LABEL-guarded, to run on the device whose memory the host cannot touch
# (src/devices/testing/), without the cases of single instruction sets: that device runs the reference.
# Without those either that time whole models: what they run, the tests of lower layers do there.
function(pangu_discover_tests target label)
  pangu_list_suites(${target} ${label} "" "")
  if("GUARDED" IN_LIST ARGN AND NOT PANGU_SANITIZE)
    pangu_list_suites(${target} ${label}-guarded PANGU_TEST_DEVICE=guarded "-*avx*:*amx*:*neon*:Explore.*:Recheck.*:LabelLikelihood.*")
  endif()
endfunction()

function(pangu_list_suites target label environment without)
  set(tests ${CMAKE_CURRENT_BINARY_DIR}/${target}_${label}_suites.cmake)
  add_custom_command(TARGET ${target} POST_BUILD
    BYPRODUCTS ${tests}
    COMMAND ${CMAKE_COMMAND} -D PROGRAM=$<TARGET_FILE:${target}> -D LABEL=${label}
            -D ENVIRONMENT=${environment} -D WITHOUT=${without}
            -D "EMULATOR=${CMAKE_CROSSCOMPILING_EMULATOR}"
            -D FOLDER=${PROJECT_SOURCE_DIR} -D RESULTS=${PROJECT_BINARY_DIR}/results -D OUT=${tests}
            -P ${PROJECT_SOURCE_DIR}/cmake/ListSuites.cmake
    VERBATIM)
  # Before the program is built there is nothing to include, and a run says so.
  set(include_file ${CMAKE_CURRENT_BINARY_DIR}/${target}_${label}_include.cmake)
  file(CONFIGURE OUTPUT ${include_file} @ONLY CONTENT [[
if(EXISTS "@tests@")
  include("@tests@")
else()
  add_test(@label@.not_built @target@_is_not_built)
  set_tests_properties(@label@.not_built PROPERTIES LABELS @label@)
endif()
]])
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${include_file})
endfunction()
