# pangu_embed_web(<target>): adds the web page to a target, as the source that defines web_files() and
# web_headers() of src/serve/web/web_files.h: the files of web/, and the libraries that Debian's packages
# have on this machine (WebLibraries.cmake). Call it in the folder where the target was made.
include(WebLibraries)

function(pangu_embed_web target)
  set(web ${PROJECT_SOURCE_DIR}/web)
  set(staged ${PROJECT_BINARY_DIR}/web)
  pangu_stage_web_libraries(${staged} libraries absent)
  if(absent)
    list(JOIN absent " " names)
    message(STATUS "The web page is built without ${names}: replies are plainer. "
      "tools/install_dependencies.sh installs them.")
  endif()

  file(GLOB_RECURSE pages CONFIGURE_DEPENDS RELATIVE ${web} ${web}/*.html ${web}/*.css ${web}/*.js ${web}/*.svg)
  set(lines "")
  set(files "")
  foreach(name IN LISTS pages)
    list(APPEND files ${web}/${name})
    string(APPEND lines "/${name}|${web}/${name}\n")
  endforeach()
  foreach(name IN LISTS libraries)
    list(APPEND files ${staged}/${name})
    string(APPEND lines "/${name}|${staged}/${name}\n")
  endforeach()
  pangu_write_if_different(${staged}/files.txt "${lines}")

  set(script ${PROJECT_SOURCE_DIR}/cmake/EmbedFiles.cmake)
  add_custom_command(OUTPUT ${staged}/web_files.cpp
    COMMAND ${CMAKE_COMMAND} -D LIST=${staged}/files.txt -D HEADERS=${web}/headers.txt
      -D OUT=${staged}/web_files.cpp -P ${script}
    DEPENDS ${files} ${staged}/files.txt ${web}/headers.txt ${script}
    COMMENT "Embedding the web page"
    VERBATIM)
  target_sources(${target} PRIVATE ${staged}/web_files.cpp)
  # Assembly at the top of a file stays alone.
  set_source_files_properties(${staged}/web_files.cpp PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()
