# A file as a C array: hawser_embed(TARGET FILE NAME) gives the target a source
# that defines `const unsigned char NAME[]` and `const size_t NAME_size`.
# Called by itself (-P), it writes that source.
if(CMAKE_SCRIPT_MODE_FILE)
  file(READ "${FILE}" bytes HEX)
  string(LENGTH "${bytes}" size)
  math(EXPR size "${size} / 2")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  set(eight "0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,")
  string(REGEX REPLACE "(${eight})" "\\1\n" bytes "${bytes}")
  file(WRITE "${OUT}" "#include <stddef.h>\n"
    "extern const unsigned char ${NAME}[];\n"
    "extern const size_t ${NAME}_size;\n"
    "const unsigned char ${NAME}[] = {\n${bytes}\n};\n"
    "const size_t ${NAME}_size = ${size};\n")
  return()
endif()

set(HAWSER_EMBED_SCRIPT "${CMAKE_CURRENT_LIST_FILE}")
function(hawser_embed target file name)
  set(source "${CMAKE_CURRENT_SOURCE_DIR}/${file}")
  set(out "${CMAKE_CURRENT_BINARY_DIR}/${name}.c")
  add_custom_command(OUTPUT "${out}"
    COMMAND ${CMAKE_COMMAND} "-DFILE=${source}" "-DOUT=${out}"
      "-DNAME=${name}" -P "${HAWSER_EMBED_SCRIPT}"
    DEPENDS "${source}" "${HAWSER_EMBED_SCRIPT}")
  target_sources(${target} PRIVATE "${out}")
endfunction()
