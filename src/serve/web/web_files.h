// SPDX-License-Identifier: Apache-2.0
// The web page, as it lies in the program: the files of web/, and the libraries of Debian's
// packages that were there when the program was built (cmake/PanguWeb.cmake, docs/web.md).
#pragma once

#include <span>
#include <string_view>

namespace pangu::serve {

/// A file that the server sends as it is. Everything lives as long as the program.
struct EmbeddedFile {
  std::string_view path;          ///< of the request: "/index.html", "/lib/katex/katex.js"
  std::string_view content_type;  ///< with the charset of texts
  std::string_view bytes;
  std::string_view etag;  ///< strong, with its quotation marks: the bytes' SHA-256, shortened
};

/// A header that goes with every file of the page, the content security policy among them.
struct WebHeader {
  std::string_view name, value;
};

/// All files, by path in ascending order of bytes. Defined in the source that the build generates.
std::span<const EmbeddedFile> web_files() noexcept;

/// The lines of web/headers.txt. Defined in the source that the build generates.
std::span<const WebHeader> web_headers() noexcept;

/// The file for the path of a request, without its query; "/" is the page itself. Paths are
/// compared as they are: what is not in the list, however it is written, is not found. nullptr for
/// none.
const EmbeddedFile* find_web_file(std::string_view path) noexcept;

}  // namespace pangu::serve
