# `cmake --workflow --preset package` makes three packages for Debian and its relatives: the command with
# the Lua module, the library, and what one needs to compile with it.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME drywire)
set(CPACK_PACKAGE_VENDOR "The drywire authors")
set(CPACK_PACKAGE_CONTACT "The drywire authors <drywire@users.noreply.github.com>")
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL command lua library development command-doc library-doc development-doc)
set(CPACK_COMPONENT_COMMAND_GROUP drywire)
set(CPACK_COMPONENT_LUA_GROUP drywire)
set(CPACK_COMPONENT_COMMAND-DOC_GROUP drywire)
set(CPACK_COMPONENT_LIBRARY_GROUP library)
set(CPACK_COMPONENT_LIBRARY-DOC_GROUP library)
set(CPACK_COMPONENT_DEVELOPMENT_GROUP development)
set(CPACK_COMPONENT_DEVELOPMENT-DOC_GROUP development)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_HOMEPAGE ${PROJECT_HOMEPAGE_URL})
set(CPACK_DEBIAN_DRYWIRE_PACKAGE_NAME drywire)
set(CPACK_DEBIAN_DRYWIRE_PACKAGE_SECTION net)
set(CPACK_DEBIAN_DRYWIRE_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_DRYWIRE_PACKAGE_SUGGESTS "lua5.4, wireshark, packetdrill")
set(CPACK_DEBIAN_DRYWIRE_DESCRIPTION
    "deterministic network simulator with RFC-true TCP, scripted in Lua
A script says which hosts there are, what each program does, and which
segment is lost; drywire runs two TCPs on a virtual clock and writes ladder
diagrams, pictures, captures, traces and test reports. The same script and
seed give the same bytes, on every machine.
.
This package has the command and the module for Lua 5.4.")
set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME libdrywire0)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SHLIBDEPS ON)
file(WRITE ${GENERATED}/shlibs "libdrywire 0 libdrywire0 (>= ${PROJECT_VERSION})\n")
file(WRITE ${GENERATED}/triggers "activate-noawait ldconfig\n")
set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA ${GENERATED}/shlibs ${GENERATED}/triggers)
# CPack adds scripts that call ldconfig; Debian's policy (8.1.1) wants the trigger alone.
set(CPACK_PACKAGE_CHECKSUM SHA256) # beside each package, of what the script below has made of it
set(CPACK_POST_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/packaging/finish_packages.cmake)
set(CPACK_DEBIAN_LIBRARY_DESCRIPTION
    "deterministic network simulator with RFC-true TCP, shared library
libdrywire simulates hosts, links and two complete TCP endpoints on a virtual
clock, and keeps a trace of everything that happened and why.
.
This package has the shared library.")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libdrywire-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "libdrywire0 (= ${PROJECT_VERSION})")
set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION
    "deterministic network simulator with RFC-true TCP, development files
libdrywire simulates hosts, links and two complete TCP endpoints on a virtual
clock, and keeps a trace of everything that happened and why.
.
This package has the headers, which plugins need too, and the files for
pkg-config and CMake.")

# Every package has its own copyright and changelog, as Debian's policy says.  They are installed by
# CPack alone.
find_program(GZIP_PROGRAM gzip)
if(GZIP_PROGRAM)
  string(TIMESTAMP CHANGELOG_DATE "%a, %d %b %Y %H:%M:%S +0000" UTC) # SOURCE_DATE_EPOCH is heeded
  configure_file(packaging/changelog.in ${GENERATED}/changelog @ONLY)
  execute_process(COMMAND ${GZIP_PROGRAM} -9nkf ${GENERATED}/changelog)
  foreach(package command:drywire library:libdrywire0 development:libdrywire-dev)
    string(REPLACE ":" ";" package ${package})
    list(GET package 0 component)
    list(GET package 1 name)
    install(FILES packaging/copyright ${GENERATED}/changelog.gz
            DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${name} COMPONENT ${component}-doc EXCLUDE_FROM_ALL)
  endforeach()
endif()
include(CPack)
