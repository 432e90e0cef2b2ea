# Checks of the tree that are no programs of ours, as tests with the label "checks".
function(pangu_add_check name)
  add_test(NAME checks.${name} COMMAND ${ARGN} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(checks.${name} PROPERTIES LABELS checks TIMEOUT 300)
endfunction()

pangu_add_check(layers tools/check_layers.sh)
pangu_add_check(layers_self_test tools/check_layers.sh --self-test)
pangu_add_check(links tools/check_links.sh)
pangu_add_check(format tools/check_format.sh)
if(TARGET pangu_cli)
  pangu_add_check(package tools/check_package.sh ${PROJECT_BINARY_DIR})
endif()
