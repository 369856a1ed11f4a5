# What the library stands on. Everything comes from the system's packages.
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(CARES REQUIRED IMPORTED_TARGET libcares>=1.18)

# Tests take the system's Python: only that one has the system's modules.
find_program(HAWSER_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH)
find_program(HAWSER_PYTHON python3)
