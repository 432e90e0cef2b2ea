// SPDX-License-Identifier: Apache-2.0
// What can be told of Python by looking at its lines: nothing is run, and wrong code is no error.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pangu::eval {

/// Where the last top-level definition of a function or class with this name begins: at its line,
/// or at the first of the decorators above it; npos if there is none.
std::size_t find_definition(std::string_view code, std::string_view name);

/// Whether code defines a name at its top level: a function, a class, or "name = ...".
bool defines(std::string_view code, std::string_view name);

/// Names that other code may rely on: top-level functions, classes, imports and CONSTANTS.
std::vector<std::string> offered_names(std::string_view code);

/// Whether a name occurs in code, other than after a point.
bool uses(std::string_view code, std::string_view name);

/// The names that are called, without a point in front, in the order of their first call.
std::vector<std::string> called_names(std::string_view code);

/// Without the indentation that all lines share.
std::string dedented(std::string_view code);

/// With `indent` in front of every line that is not blank.
std::string indented(std::string_view code, std::string_view indent);

/// The beginning of `text` that goes on with a function whose head was given: lines up to the first
/// one that is neither indented nor blank.
std::string function_body(std::string_view text);

/// Code in a text without fences: runs of lines that begin with a definition, an import or a
/// CONSTANT, perhaps indented as a whole, and go on until a line that is none of these, no
/// assignment, and not indented deeper.
std::vector<std::string> code_runs(std::string_view text);

}  // namespace pangu::eval
