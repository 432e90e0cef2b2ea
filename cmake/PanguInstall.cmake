# `cmake --install` gives the program, the library, the public headers and a CMake package, so that
# find_package(pangu) and pangu::pangu work in other projects.
include(CMakePackageConfigHelpers)
install(TARGETS pangu EXPORT pangu-targets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/pangu DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT pangu-targets NAMESPACE pangu::
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/pangu)
configure_package_config_file(cmake/pangu-config.cmake.in
  ${CMAKE_CURRENT_BINARY_DIR}/pangu-config.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/pangu)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/pangu-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/pangu-config.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/pangu-config-version.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/pangu)
if(PANGU_BUILD_APPS)
  install(TARGETS pangu_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
