# The libraries of the web page, out of Debian's packages into a folder, as the server serves them:
# lib/NAME/..., and lib/index.json, by which the page knows what there is. A library whose package is
# absent is left out; the page does without.
#
#   include(WebLibraries)    pangu_stage_web_libraries(<folder> <out: files> <out: absent packages>)
#   cmake -D OUT=<folder> [-D PANGU_SHARE=/usr/share] -P cmake/WebLibraries.cmake     the same by hand
if(NOT DEFINED PANGU_SHARE)
  set(PANGU_SHARE /usr/share)  # where packages have what does not depend on the processor
endif()

# Puts text into a file, whose time of change stays where nothing changed.
function(pangu_write_if_different file text)
  file(WRITE ${file}.new "${text}")
  file(COPY_FILE ${file}.new ${file} ONLY_IF_DIFFERENT)
  file(REMOVE ${file}.new)
endfunction()

# Joins the CommonJS modules of Debian's node-markdown-it, which has no file for browsers, into one script
# that leaves a global. What it needs of other packages lies in its node_modules.
function(pangu_bundle_markdown_it package out)
  file(GLOB_RECURSE modules ${package}/lib/*.js ${package}/lib/*.json ${package}/node_modules/linkify-it/*.js
    ${package}/node_modules/mdurl/*.js ${package}/node_modules/uc.micro/*.js)
  set(bundle "// markdown-it with linkify-it, mdurl and uc.micro (MIT): see copyright.txt.\n(() => {\nconst files = {\n")
  foreach(module IN LISTS modules)
    file(RELATIVE_PATH name ${package} ${module})
    file(READ ${module} text)
    if(name MATCHES "\\.json$")
      string(PREPEND text "module.exports = ")
    endif()
    string(APPEND bundle "'${name}'(module, exports, require) {\n${text}\n},\n")
  endforeach()
  file(READ ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/web_modules.js loader)
  string(APPEND bundle "};\n${loader}globalThis.markdownit = load('lib/index.js');\n})();\n")
  pangu_write_if_different(${out} "${bundle}")
endfunction()

# The parts of pangu_stage_web_libraries() below: each fills <folder>/lib/NAME and appends to `lines`,
# the lines of index.json, or appends its package to `missing`.
macro(pangu_stage_library name package source)
  if(EXISTS ${PANGU_SHARE}/${source})
    set(place ${folder}/lib/${name})
    file(MAKE_DIRECTORY ${place})
    if("${name}" STREQUAL "markdown-it")
      pangu_bundle_markdown_it(${PANGU_SHARE}/nodejs/markdown-it ${place}/${name}.js)
    else()
      file(COPY_FILE ${PANGU_SHARE}/${source} ${place}/${name}.js ONLY_IF_DIFFERENT)
    endif()
    # Whoever passes the program on passes the licence on, too.
    if(EXISTS ${PANGU_SHARE}/doc/${package}/copyright)
      file(COPY_FILE ${PANGU_SHARE}/doc/${package}/copyright ${place}/copyright.txt ONLY_IF_DIFFERENT)
    endif()
    list(APPEND lines "\"${name}\": {\"script\": \"lib/${name}/${name}.js\"${ARGN}}")
  else()
    file(REMOVE_RECURSE ${folder}/lib/${name})
    list(APPEND missing ${package})
  endif()
endmacro()

macro(pangu_stage_katex_style)
  set(place ${folder}/lib/katex)
  if(EXISTS ${place}/katex.js)
    file(COPY_FILE ${PANGU_SHARE}/javascript/katex/katex.min.css ${place}/katex.css ONLY_IF_DIFFERENT)
    # Browsers take the first form of a font that they know, which is woff2.
    file(GLOB fonts ${PANGU_SHARE}/fonts/truetype/katex/*.woff2)
    file(COPY ${fonts} DESTINATION ${place}/fonts)
  endif()
endmacro()

function(pangu_stage_web_libraries folder files absent)
  set(lines "")
  set(missing "")
  pangu_stage_library(markdown-it node-markdown-it nodejs/markdown-it/lib/index.js)
  pangu_stage_library(dompurify node-dompurify nodejs/dompurify/dist/purify.min.js)
  pangu_stage_library(katex libjs-katex javascript/katex/katex.min.js ", \"style\": \"lib/katex/katex.css\"")
  pangu_stage_library(highlight libjs-highlight.js javascript/highlight.js/highlight.min.js)
  pangu_stage_katex_style()
  list(JOIN lines ",\n " json)
  file(MAKE_DIRECTORY ${folder}/lib)
  pangu_write_if_different(${folder}/lib/index.json "{${json}}\n")
  file(GLOB_RECURSE staged RELATIVE ${folder} ${folder}/lib/*)
  set(${files} ${staged} PARENT_SCOPE)
  set(${absent} ${missing} PARENT_SCOPE)
endfunction()

if(CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  if(NOT OUT)
    message(FATAL_ERROR "usage: cmake -D OUT=<folder> [-D PANGU_SHARE=/usr/share] -P cmake/WebLibraries.cmake")
  endif()
  get_filename_component(OUT ${OUT} ABSOLUTE)
  pangu_stage_web_libraries(${OUT} files absent)
  list(LENGTH files count)
  message(STATUS "${count} files; absent packages: ${absent}")
endif()
