# Small helpers, so that a folder's build file is a list of its files.

add_library(hawser_flags INTERFACE)
target_compile_options(hawser_flags INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes
  -Wmissing-prototypes -Wvla -fvisibility=hidden)
# Assertions guard the state tables and stay in every build: they stand where
# states change, not where messages pass.
target_compile_options(hawser_flags INTERFACE -UNDEBUG)
if(HAWSER_WERROR)
  target_compile_options(hawser_flags INTERFACE -Werror)
endif()
target_compile_definitions(hawser_flags INTERFACE
  _POSIX_C_SOURCE=200809L)
if(HAWSER_HAVE_SDT)
  target_compile_definitions(hawser_flags INTERFACE HAWSER_USDT)
endif()
if(HAWSER_SANITIZE)
  target_compile_options(hawser_flags INTERFACE
    -fsanitize=${HAWSER_SANITIZE} -fno-sanitize-recover=all
    -fno-omit-frame-pointer)
  target_link_options(hawser_flags INTERFACE -fsanitize=${HAWSER_SANITIZE})
endif()

if(HAWSER_FUZZ)
  target_compile_options(hawser_flags INTERFACE -fsanitize=fuzzer-no-link)
  add_custom_target(fuzzers)
endif()

# hawser_room(base mem.c buf.c ...): the files of one room of the library, an
# object library of its own so that its symbols can be fenced.
function(hawser_room name)
  add_library(hawser_${name} OBJECT ${ARGN})
  set_target_properties(hawser_${name} PROPERTIES
    POSITION_INDEPENDENT_CODE ON)
  target_include_directories(hawser_${name} PRIVATE
    "${CMAKE_SOURCE_DIR}/include" "${CMAKE_SOURCE_DIR}/src")
  target_link_libraries(hawser_${name} PRIVATE hawser_flags)
  target_link_libraries(hawser_${name} PRIVATE
    OpenSSL::SSL PkgConfig::CARES ZLIB::ZLIB Threads::Threads)
  set_property(GLOBAL APPEND PROPERTY HAWSER_ROOMS ${name})
endfunction()

# Programs take far longer under a launcher such as valgrind.
set(unit_timeout 120)
if(HAWSER_LAUNCHER)
  set(unit_timeout 900)
endif()

# hawser_test(name file.c ...): one test program, linked to the static library
# and tests/support, run by ctest.
function(hawser_test name)
  add_executable(${name} ${ARGN})
  target_include_directories(${name} PRIVATE
    "${CMAKE_SOURCE_DIR}/src" "${CMAKE_SOURCE_DIR}/tests")
  target_link_libraries(${name} PRIVATE hawser_support)
  add_test(NAME ${name} COMMAND ${HAWSER_LAUNCHER} $<TARGET_FILE:${name}>)
  set_tests_properties(${name} PROPERTIES TIMEOUT ${unit_timeout} LABELS unit)
endfunction()

# hawser_pytest(name file.py ...): one suite of Python's pytest, run by ctest
# with HAWSER_BUILD naming the build folder.
function(hawser_pytest name)
  if(NOT HAWSER_PYTHON)
    message(STATUS "no python3: '${name}' is not tested")
    return()
  endif()
  add_test(NAME ${name}
    COMMAND ${HAWSER_PYTHON} -u -m pytest -v -rfEs --tb=native
      -o faulthandler_timeout=100 -p no:cacheprovider ${ARGN}
    WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}")
  set_tests_properties(${name} PROPERTIES TIMEOUT 300 LABELS system
    ENVIRONMENT "HAWSER_BUILD=${CMAKE_BINARY_DIR};PYTHONDONTWRITEBYTECODE=1")
endfunction()

# hawser_fuzz(name file.c ...): a fuzz target. Under HAWSER_FUZZ it is
# libFuzzer's; everywhere else a test replays fuzz/seeds/<name> through it.
function(hawser_fuzz name)
  add_executable(${name} ${ARGN})
  target_include_directories(${name} PRIVATE "${CMAKE_SOURCE_DIR}/src")
  target_link_libraries(${name} PRIVATE
    hawser_static hawser_flags OpenSSL::SSL Threads::Threads)
  if(HAWSER_FUZZ)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    add_dependencies(fuzzers ${name})
    return()
  endif()
  target_sources(${name} PRIVATE "${CMAKE_SOURCE_DIR}/fuzz/replay.c")
  add_test(NAME ${name} COMMAND ${HAWSER_LAUNCHER} $<TARGET_FILE:${name}>
    "${CMAKE_SOURCE_DIR}/fuzz/seeds/${name}")
  set_tests_properties(${name} PROPERTIES TIMEOUT ${unit_timeout} LABELS unit)
endfunction()
