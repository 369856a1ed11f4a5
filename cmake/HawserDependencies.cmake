# What the library stands on. Everything comes from the system's packages.
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(ZLIB 1.2.9 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(CARES REQUIRED IMPORTED_TARGET libcares>=1.18)
# One more poller where it is there.
option(HAWSER_IO_URING "Offer the poller over io_uring (needs liburing)" ON)
if(HAWSER_IO_URING AND CMAKE_SYSTEM_NAME STREQUAL "Linux")
  pkg_check_modules(URING QUIET IMPORTED_TARGET liburing>=2.3)
  if(NOT URING_FOUND)
    message(STATUS "no liburing >= 2.3: no poller over io_uring")
  endif()
endif()

# Probes for tracers.
option(HAWSER_USDT "Static probes, where sys/sdt.h is there" ON)
if(HAWSER_USDT)
  include(CheckIncludeFile)
  check_include_file(sys/sdt.h HAWSER_HAVE_SDT)
endif()

# What --metrics of the command is served by.
pkg_check_modules(MICROHTTPD QUIET IMPORTED_TARGET libmicrohttpd>=0.9.71)
if(NOT MICROHTTPD_FOUND)
  message(STATUS "no libmicrohttpd: the command has no --metrics")
endif()

# What `hawser top` draws with.
pkg_check_modules(NCURSES QUIET IMPORTED_TARGET ncursesw)
if(NOT NCURSES_FOUND)
  message(STATUS "no ncursesw: the command has no top")
endif()

# Tests take the system's Python: only that one has the system's modules.
find_program(HAWSER_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH)
find_program(HAWSER_PYTHON python3)
