# Files as C: embed(OUT NAME TYPE HEADER FILE ...) makes the source OUT, in which they are the array
# NAME of {name, text, length}, of a TYPE that HEADER declares.
function(embed out name type header)
  add_custom_command(
    OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -DOUT=${out} -DNAME=${name} -DTYPE=${type} -DHEADER=${header}
            "-DSOURCES=${ARGN}" -P ${PROJECT_SOURCE_DIR}/core/embed.cmake
    DEPENDS ${ARGN} ${PROJECT_SOURCE_DIR}/core/embed.cmake
    VERBATIM)
endfunction()

if(NOT CMAKE_SCRIPT_MODE_FILE)
  return()
endif()

set(text "/* Made by embed.cmake. */\n#include \"${HEADER}\"\n\n")
set(table "")
set(n 0)
foreach(source ${SOURCES})
  file(READ ${source} hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string(REGEX REPLACE "((0x..,){20})" "\\1\n    " bytes "${bytes}")
  get_filename_component(name ${source} NAME)
  string(APPEND text "static const unsigned char source_${n}[] = {\n    ${bytes}0};\n\n")
  string(APPEND table
         "    {\"${name}\", (const char *)source_${n}, sizeof source_${n} - 1},\n")
  math(EXPR n "${n} + 1")
endforeach()
string(APPEND text "extern const ${TYPE} ${NAME}[];\nconst ${TYPE} ${NAME}[] = {\n${table}    {NULL, NULL, 0},\n};\n")
file(WRITE ${OUT} "${text}")
