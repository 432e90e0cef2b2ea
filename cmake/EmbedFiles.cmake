# Run by the build (PanguWeb.cmake): writes OUT, the source that defines web_files() and web_headers() of
# src/serve/web/web_files.h. LIST has a file in each line, as PATH|FILE; HEADERS a header, as "Name: value".
#
# The assembler reads the bytes (.incbin), so that megabytes cost neither this script nor the compiler
# anything; the etags in the source change with the bytes, so that a changed file compiles it again.
set(type_of.html "text/html; charset=utf-8")
set(type_of.css "text/css; charset=utf-8")
set(type_of.js "text/javascript; charset=utf-8")
set(type_of.json "application/json")
set(type_of.svg "image/svg+xml")
set(type_of.woff2 "font/woff2")
set(type_of.txt "text/plain; charset=utf-8")

function(content_type path out)
  get_filename_component(extension ${path} LAST_EXT)
  if(DEFINED type_of${extension})
    set(${out} "${type_of${extension}}" PARENT_SCOPE)
    return()
  endif()
  message(FATAL_ERROR "${path}: no content type is known for it: add one to EmbedFiles.cmake")
endfunction()

set(assembly "")
set(symbols "")
set(rows "")
set(index 0)
file(STRINGS ${LIST} lines)
list(SORT lines COMPARE STRING)  # as find_web_file() searches; '|' is above all that paths have
foreach(line IN LISTS lines)
  string(REGEX REPLACE "[|].*$" "" path "${line}")
  string(REGEX REPLACE "^[^|]*[|]" "" file "${line}")
  content_type(${path} type)
  file(SHA256 "${file}" hash)
  string(SUBSTRING ${hash} 0 16 hash)
  file(SIZE "${file}" size)
  set(symbol pangu_web_file_${index})
  string(APPEND assembly "  .globl ${symbol}\n  .hidden ${symbol}\n${symbol}:\n  .incbin \"${file}\", 0, ${size}\n")
  string(APPEND symbols "[[gnu::visibility(\"hidden\")]] extern const char ${symbol}[];\n")
  string(APPEND rows "    {\"${path}\", \"${type}\", {${symbol}, ${size}}, \"\\\"${hash}\\\"\"},\n")
  math(EXPR index "${index} + 1")
endforeach()

set(headers "")
file(STRINGS ${HEADERS} lines REGEX "^[^#]")
foreach(line IN LISTS lines)
  string(REGEX REPLACE "^([^:]*): (.*)$" "    {\"\\1\", \"\\2\"}," row "${line}")
  string(APPEND headers "${row}\n")
endforeach()

file(WRITE ${OUT} "// Written by cmake/EmbedFiles.cmake.
#include \"serve/web/web_files.h\"

__asm__(R\"(
  .pushsection .rodata
${assembly}  .popsection
)\");

extern \"C\" {
${symbols}}

namespace pangu::serve {
namespace {

constexpr EmbeddedFile kWebFiles[] = {
${rows}};

constexpr WebHeader kWebHeaders[] = {
${headers}};

}  // namespace

std::span<const EmbeddedFile> web_files() noexcept { return kWebFiles; }
std::span<const WebHeader> web_headers() noexcept { return kWebHeaders; }

}  // namespace pangu::serve
")
