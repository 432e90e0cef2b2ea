// SPDX-License-Identifier: Apache-2.0
// The one family of exceptions that pangu throws. Every message says where, what was found, what
// was expected and what to do, and is fit to be shown to a user as it is.
#pragma once

#include <stdexcept>

namespace pangu {

/// Base of everything pangu throws on purpose.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Tensors, ids or sizes that do not fit together.
class ShapeError : public Error {
 public:
  using Error::Error;
};

/// A dtype, architecture, device or template construct this build does not know.
class Unsupported : public Error {
 public:
  using Error::Error;
};

/// A file that is missing, unreadable, damaged or cannot be written.
class FileError : public Error {
 public:
  using Error::Error;
};

/// A configuration value that is missing, of the wrong type or out of range.
class ConfigError : public Error {
 public:
  using Error::Error;
};

/// Text or ids handed in by the caller that cannot be used: invalid UTF-8, an id past the
/// vocabulary, a prompt past the context length.
class InputError : public Error {
 public:
  using Error::Error;
};

/// Arithmetic that went wrong: logits or losses that are NaN or infinite.
class NumericError : public Error {
 public:
  using Error::Error;
};

/// Memory, or room in the KV cache, ran out.
class OutOfMemory : public Error {
 public:
  using Error::Error;
};

/// The caller asked for the work to stop.
class Cancelled : public Error {
 public:
  using Error::Error;
};

}  // namespace pangu
