# What `cmake --install` puts where: headers, both libraries, the command, its
# page, and what pkg-config and CMake need to find them.
include(CMakePackageConfigHelpers)

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/hawser")

install(DIRECTORY include/hawser DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
  FILES_MATCHING PATTERN "*.h")
install(FILES kit/hawser/loopkit.h
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/hawser")
install(DIRECTORY adapters DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/hawser"
  FILES_MATCHING PATTERN "*.h")
install(TARGETS hawser_shared hawser_static hawser_loopkit EXPORT hawser
  LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}"
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
  INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
if(TARGET hawser)
  install(TARGETS hawser RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
endif()
if(EXISTS "${CMAKE_SOURCE_DIR}/docs/hawser.1")
  install(FILES docs/hawser.1 DESTINATION "${CMAKE_INSTALL_MANDIR}/man1")
endif()
install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DOCDIR}")

# find_package(hawser): hawser::shared, hawser::static, hawser::hawser, and
# hawser::loopkit for who tests a loop.
set_target_properties(hawser_shared PROPERTIES EXPORT_NAME shared)
set_target_properties(hawser_static PROPERTIES EXPORT_NAME static)
install(EXPORT hawser NAMESPACE hawser:: FILE hawserTargets.cmake
  DESTINATION "${package_dir}")
configure_package_config_file(
  cmake/hawserConfig.cmake.in "${CMAKE_BINARY_DIR}/hawserConfig.cmake"
  INSTALL_DESTINATION "${package_dir}")
# Before 1.0 a minor release may change the interface.
write_basic_package_version_file("${CMAKE_BINARY_DIR}/hawserConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_BINARY_DIR}/hawserConfig.cmake"
  "${CMAKE_BINARY_DIR}/hawserConfigVersion.cmake"
  DESTINATION "${package_dir}")

# pkg-config hawser. It finds its prefix from its own place, so that an
# installed tree can be moved.
file(RELATIVE_PATH hawser_prefix
  "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
if(URING_FOUND)
  string(APPEND hawser_requires " liburing")
endif()
configure_file(cmake/hawser.pc.in "${CMAKE_BINARY_DIR}/hawser.pc" @ONLY)
configure_file(cmake/hawser-loopkit.pc.in
  "${CMAKE_BINARY_DIR}/hawser-loopkit.pc" @ONLY)
install(FILES "${CMAKE_BINARY_DIR}/hawser.pc"
  "${CMAKE_BINARY_DIR}/hawser-loopkit.pc"
  DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
