# pangu_runnable(<target> <out>): the path by which tests and scripts run a program of this build. In
# a cross build it is a script that calls the emulator: the system does not start such programs by
# itself.
function(pangu_runnable target out)
  if(NOT CMAKE_CROSSCOMPILING_EMULATOR)
    set(${out} $<TARGET_FILE:${target}> PARENT_SCOPE)
    return()
  endif()
  set(script ${PROJECT_BINARY_DIR}/emulated/${target})
  get_property(is_there GLOBAL PROPERTY PANGU_EMULATED_${target})
  if(NOT is_there)
    list(JOIN CMAKE_CROSSCOMPILING_EMULATOR " " emulator)
    file(GENERATE OUTPUT ${script}
      CONTENT "#!/bin/sh\nexec ${emulator} '$<TARGET_FILE:${target}>' \"$@\"\n"
      FILE_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
    set_property(GLOBAL PROPERTY PANGU_EMULATED_${target} TRUE)
  endif()
  set(${out} ${script} PARENT_SCOPE)
endfunction()
