# Compiling files together. Most of what a file costs is reading headers and instantiating their
# templates; where files of a target are joined, that is paid once for all of them. The price: a change
# to one file compiles its neighbours again, so the presets of development leave it off; and names in
# unnamed namespaces must differ within a layer. Builds without it (clang-tidy's, dev) prove that every
# file compiles alone.
option(PANGU_UNITY "Compile the files of a target together: a third of the time from nothing" OFF)

# More files in one go save more, fewer keep more processors busy.
set(PANGU_UNITY_FILES 32)

function(pangu_compile_together target)
  if(PANGU_UNITY)
    set_target_properties(${target} PROPERTIES
      UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${PANGU_UNITY_FILES})
  endif()
endfunction()
