# Man pages, and `cpack -G DEB`: a Debian package of the program, its models and its man pages.
# tools/make_package.sh builds it.
find_program(HELP2MAN help2man)
if(HELP2MAN)
  set(man_pages ${PROJECT_BINARY_DIR}/man)
  pangu_runnable(pangu_cli program)
  add_custom_command(OUTPUT ${man_pages}/pangu.1
    COMMAND ${PROJECT_SOURCE_DIR}/tools/make_man_pages.sh ${program} ${man_pages}
    DEPENDS pangu_cli ${PROJECT_SOURCE_DIR}/tools/make_man_pages.sh
    COMMENT "Writing man pages"
    VERBATIM)
  add_custom_target(pangu_man ALL DEPENDS ${man_pages}/pangu.1)
  install(DIRECTORY ${man_pages}/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT program)
endif()

# Not enabled: whoever wants it says what to serve.
install(FILES ${PROJECT_SOURCE_DIR}/cmake/pangu-serve.service DESTINATION lib/systemd/system COMPONENT program)

set(CPACK_PACKAGE_NAME pangu)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "the pangu.cpp developers <pangu@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/package)
set(CPACK_STRIP_FILES ON)
# The program alone: whoever builds on the library has the sources.
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL program)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME pangu)
set(CPACK_DEBIAN_PROGRAM_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_RECOMMENDS "bubblewrap, python3")  # pangu eval --task code
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
if(CMAKE_CROSSCOMPILING AND CMAKE_SYSTEM_PROCESSOR STREQUAL "aarch64")
  set(CPACK_DEBIAN_PACKAGE_ARCHITECTURE arm64)
endif()
include(CPack)
