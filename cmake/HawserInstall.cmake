# What `cmake --install` puts where.
install(DIRECTORY include/hawser DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
