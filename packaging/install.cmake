# What `cmake --install` installs, in components that the packages are made of (packages.cmake).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

option(DRYWIRE_COMPRESS_MANUALS "Install manual pages compressed, as packages of Debian have them" OFF)
# These may be chosen; what is not follows the prefix.
set(DRYWIRE_ZSH_DIR "" CACHE STRING "Where zsh looks for completions; packages of Debian: share/zsh/vendor-completions")
set(DRYWIRE_LUA_DIR "" CACHE STRING "Where the Lua module is installed")
set(DRYWIRE_DATA_DIR "" CACHE STRING "Where what editors read is installed")
foreach(choice ZSH:${CMAKE_INSTALL_DATADIR}/zsh/site-functions LUA:${CMAKE_INSTALL_LIBDIR}/lua/5.4
        DATA:${CMAKE_INSTALL_DATADIR}/drywire)
  string(REGEX MATCH "([A-Z]+):(.*)" choice ${choice})
  set(${CMAKE_MATCH_1}_DIR ${CMAKE_MATCH_2})
  if(DRYWIRE_${CMAKE_MATCH_1}_DIR)
    set(${CMAKE_MATCH_1}_DIR ${DRYWIRE_${CMAKE_MATCH_1}_DIR})
  endif()
endforeach()
install(TARGETS drywire_module DESTINATION ${LUA_DIR} COMPONENT lua)
install(FILES lua/api/drywire.d.lua DESTINATION ${DATA_DIR}/library COMPONENT lua)
if(DRYWIRE_MODULE_ONLY)
  return()
endif()

# Manual pages and completions are what the command says of itself.
set(GENERATED ${CMAKE_BINARY_DIR}/generated)
file(MAKE_DIRECTORY ${GENERATED})
set(MANUALS ${PROJECT_SOURCE_DIR}/docs/drywire.1)
function(generated_by_command file)
  add_custom_command(
    OUTPUT ${GENERATED}/${file}
    COMMAND drywire_command help ${ARGN} > ${GENERATED}/${file}
    DEPENDS drywire_command
    VERBATIM)
endfunction()
file(STRINGS ${PROJECT_SOURCE_DIR}/lua/command/main.c SUBCOMMANDS REGEX "^    {\"[a-z]+\", cmd_")
list(TRANSFORM SUBCOMMANDS REPLACE "^    {\"([a-z]+)\".*" "\\1")
foreach(subcommand ${SUBCOMMANDS})
  generated_by_command(drywire-${subcommand}.1 manual ${subcommand})
  list(APPEND MANUALS ${GENERATED}/drywire-${subcommand}.1)
endforeach()
if(DRYWIRE_COMPRESS_MANUALS)
  set(PLAIN_MANUALS ${MANUALS})
  set(MANUALS)
  foreach(manual ${PLAIN_MANUALS})
    get_filename_component(name ${manual} NAME)
    add_custom_command(
      OUTPUT ${GENERATED}/${name}.gz
      COMMAND gzip -9nc ${manual} > ${GENERATED}/${name}.gz
      DEPENDS ${manual}
      VERBATIM)
    list(APPEND MANUALS ${GENERATED}/${name}.gz)
  endforeach()
endif()
set(COMPLETIONS)
foreach(shell bash zsh fish)
  generated_by_command(drywire.${shell} ${shell})
  list(APPEND COMPLETIONS ${GENERATED}/drywire.${shell})
endforeach()
add_custom_target(manuals ALL DEPENDS ${MANUALS} ${COMPLETIONS})

# The command, with what it needs while it runs and what one reads about it.
install(TARGETS drywire_command DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT command)
install(FILES ${MANUALS} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT command)
install(FILES ${GENERATED}/drywire.bash RENAME drywire COMPONENT command
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${GENERATED}/drywire.zsh RENAME _drywire DESTINATION ${ZSH_DIR} COMPONENT command)
install(FILES ${GENERATED}/drywire.fish COMPONENT command
        DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(DIRECTORY examples DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT command)
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT command FILES_MATCHING
        PATTERN "*.md" PATTERN "*.svg" PATTERN "*.png" PATTERN site EXCLUDE)
install(FILES docs/trace.schema.json DESTINATION ${DATA_DIR} COMPONENT command)
install(FILES python/drywire_trace.py DESTINATION ${DATA_DIR}/python COMPONENT command)
install(FILES README.md CHANGELOG.md CITATION.cff DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT command)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT licence)
if(TARGET drywire_judge)
  install(TARGETS drywire_judge DESTINATION ${CMAKE_INSTALL_LIBDIR}/drywire COMPONENT command)
  file(GLOB STAND_IN_FILES ${CMAKE_BINARY_DIR}/stand-ins/*)
  install(PROGRAMS ${STAND_IN_FILES} DESTINATION ${CMAKE_INSTALL_LIBDIR}/drywire/stand-ins COMPONENT command)
endif()
if(TARGET drywire_mpi)
  install(TARGETS drywire_mpi DESTINATION ${CMAKE_INSTALL_LIBDIR}/drywire COMPONENT command)
  set_target_properties(drywire_command PROPERTIES INSTALL_RPATH $ORIGIN/../${CMAKE_INSTALL_LIBDIR}/drywire)
endif()

# The library: for programs that are there, and for those that are written.
install(TARGETS libdrywire EXPORT drywireTargets
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library NAMELINK_COMPONENT development)
install(DIRECTORY core/include/drywire DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development)

# What a plugin is compiled against: the headers; the symbols are those of the program that loads it.
add_library(drywire_plugin INTERFACE)
set_target_properties(drywire_plugin PROPERTIES EXPORT_NAME plugin)
target_include_directories(drywire_plugin INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
install(TARGETS drywire_plugin EXPORT drywireTargets)

set(CMAKE_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/drywire)
install(EXPORT drywireTargets NAMESPACE drywire:: DESTINATION ${CMAKE_PACKAGE_DIR} COMPONENT development)
configure_package_config_file(packaging/drywireConfig.cmake.in ${GENERATED}/drywireConfig.cmake
                              INSTALL_DESTINATION ${CMAKE_PACKAGE_DIR} NO_SET_AND_CHECK_MACRO)
# Before 1.0 the minor number is the one that changes when something must be written differently.
write_basic_package_version_file(${GENERATED}/drywireConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${GENERATED}/drywireConfig.cmake ${GENERATED}/drywireConfigVersion.cmake
        DESTINATION ${CMAKE_PACKAGE_DIR} COMPONENT development)

# pkg-config finds everything from where drywire.pc is, so that an installed tree may be moved.
file(RELATIVE_PATH PC_TO_PREFIX /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
configure_file(packaging/drywire.pc.in ${GENERATED}/drywire.pc @ONLY)
install(FILES ${GENERATED}/drywire.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)

add_custom_target(uninstall COMMAND ${CMAKE_COMMAND} -P ${PROJECT_SOURCE_DIR}/packaging/uninstall.cmake
                  WORKING_DIRECTORY ${CMAKE_BINARY_DIR} VERBATIM)
