# Run by the build (PanguTests.cmake): writes OUT, which names the suites of the test program PROGRAM
# as tests of ctest. WITHOUT is the end of the filter: what is left out; ENVIRONMENT a variable and its
# value, or empty; EMULATOR the command before the program's, of a cross build.
execute_process(COMMAND ${EMULATOR} ${PROGRAM} --gtest_list_tests --gtest_filter=*${WITHOUT}
  WORKING_DIRECTORY ${FOLDER}
  OUTPUT_VARIABLE listed
  ERROR_VARIABLE errors
  RESULT_VARIABLE result
  TIMEOUT 60)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "${PROGRAM} does not list its tests (${result}):\n${listed}${errors}")
endif()

# "Suite.", "Instance/Suite." or "Suite/0.  # TypeParam = ..." at the start of a line.
string(REGEX MATCHALL "(^|\n)[A-Za-z0-9_/]+\\.[^\n]*" suites "${listed}")
if(NOT suites)
  message(FATAL_ERROR "${PROGRAM} has no tests:\n${listed}")
endif()

set(lines "")
set(timeout 1200)
if(EMULATOR)
  set(timeout 7200)
endif()
set(emulator "")
foreach(word IN LISTS EMULATOR)
  string(APPEND emulator " [=[${word}]=]")
endforeach()
foreach(suite IN LISTS suites)
  string(REGEX MATCH "[A-Za-z0-9_/]+" suite "${suite}")
  string(REPLACE "/" "." file "${LABEL}.${suite}")
  string(APPEND lines
    "add_test([=[${LABEL}.${suite}]=]${emulator} [=[${PROGRAM}]=] [=[--gtest_filter=${suite}.*${WITHOUT}]=]"
    " [=[--gtest_output=xml:${RESULTS}/${file}.xml]=])\n"
    "set_tests_properties([=[${LABEL}.${suite}]=] PROPERTIES LABELS [=[${LABEL}]=]"
    " ENVIRONMENT [=[${ENVIRONMENT}]=] TIMEOUT ${timeout} WORKING_DIRECTORY [=[${FOLDER}]=])\n")
endforeach()
file(WRITE ${OUT} "${lines}")
