# `cmake --install` gives the program, its models, the library, the public headers and a CMake package,
# so that find_package(pangu) and pangu::pangu work in other projects. tools/check_package.sh proves it.
include(CMakePackageConfigHelpers)
set(pangu_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/pangu)

# The interface may change with every minor version until 1.0, so the shared library's name has it.
set_target_properties(pangu PROPERTIES
  VERSION ${PROJECT_VERSION}
  SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
install(TARGETS pangu EXPORT pangu-targets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/pangu DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(EXPORT pangu-targets NAMESPACE pangu:: DESTINATION ${pangu_package_dir})

# A static library leaves its own libraries to whoever links it; a shared one brings them along.
get_target_property(pangu_library_type pangu TYPE)
configure_package_config_file(cmake/pangu-config.cmake.in
  ${CMAKE_CURRENT_BINARY_DIR}/pangu-config.cmake
  INSTALL_DESTINATION ${pangu_package_dir})
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/pangu-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/pangu-config.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/pangu-config-version.cmake
        DESTINATION ${pangu_package_dir})
install(FILES LICENSE README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)
if(TARGET pangu_cli)
  # Known by name: `pangu run pangu-nano` looks beside the program.
  install(DIRECTORY models/ DESTINATION ${CMAKE_INSTALL_DATADIR}/pangu/models COMPONENT program)
  set_target_properties(pangu_cli PROPERTIES INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}")
  install(TARGETS pangu_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
  include(PanguPackage)
endif()
