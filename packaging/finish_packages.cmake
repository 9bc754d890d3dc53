# After CPack: no maintainer scripts, where all they do is to call ldconfig (see packages.cmake).
foreach(package ${CPACK_PACKAGE_FILES})
  if(package MATCHES "/libdrywire0_")
    set(folder ${CPACK_TEMPORARY_DIRECTORY}/without-scripts)
    file(REMOVE_RECURSE ${folder})
    execute_process(COMMAND dpkg-deb --raw-extract ${package} ${folder} COMMAND_ERROR_IS_FATAL ANY)
    file(REMOVE ${folder}/DEBIAN/postinst ${folder}/DEBIAN/postrm)
    execute_process(COMMAND dpkg-deb -Zxz --root-owner-group --build ${folder} ${package}
                    COMMAND_ERROR_IS_FATAL ANY OUTPUT_QUIET)
  endif()
endforeach()
