# Which host loops are here to try the adapters on: hawser_host_NAME is an
# interface target for each. In the build tree, as when installed, an adapter
# is included as <hawser/adapters/NAME.h>.
file(MAKE_DIRECTORY "${CMAKE_BINARY_DIR}/include/hawser")
file(CREATE_LINK "${CMAKE_SOURCE_DIR}/adapters"
  "${CMAKE_BINARY_DIR}/include/hawser/adapters" SYMBOLIC)

function(hawser_host name)
  add_library(hawser_host_${name} INTERFACE)
  target_include_directories(hawser_host_${name} INTERFACE
    "${CMAKE_BINARY_DIR}/include")
  target_link_libraries(hawser_host_${name} INTERFACE ${ARGN})
  set_property(GLOBAL APPEND PROPERTY HAWSER_HOSTS ${name})
endfunction()

foreach(pair uv=libuv libevent=libevent_core glib=glib-2.0
             sdevent=libsystemd)
  string(REGEX REPLACE "=.*" "" name ${pair})
  string(REGEX REPLACE ".*=" "" module ${pair})
  string(TOUPPER HOST_${name} prefix)
  pkg_check_modules(${prefix} QUIET IMPORTED_TARGET ${module})
  if(${prefix}_FOUND)
    hawser_host(${name} PkgConfig::${prefix})
  else()
    message(STATUS "no ${module}: adapter '${name}' is not tested")
  endif()
endforeach()

# libev brings nothing for pkg-config.
find_path(HOST_EV_INCLUDE ev.h)
find_library(HOST_EV_LIBRARY ev)
if(HOST_EV_INCLUDE AND HOST_EV_LIBRARY)
  hawser_host(ev "${HOST_EV_LIBRARY}")
else()
  message(STATUS "no libev: adapter 'ev' is not tested")
endif()
get_property(HAWSER_HOSTS GLOBAL PROPERTY HAWSER_HOSTS)
