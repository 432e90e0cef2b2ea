// SPDX-License-Identifier: Apache-2.0
// What was learnt from examples, as a file: linear heads on the features of requests. Nothing here
// knows what the classes mean.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adaptive/intent/features/features.h"

namespace pangu::adaptive {

/// How a head was judged while it was trained, on examples that its fits had not seen.
struct HeadRecord {
  std::int64_t examples = 0;
  double lambda = 0;
  double accuracy = 0;
  double calibration_error = 0;  ///< at the temperature
  double max_error = 0;          ///< that the threshold was chosen for
  double coverage = 0;           ///< share of choices that the threshold accepts
  double accepted_error = 0;     ///< share of those that were wrong
  bool is_bound = false;         ///< whether the interval's end keeps max_error, or the share alone
};

/// p(class | x) = softmax((W ((x - mu) / sigma) + b) / temperature), x being the features joined.
struct Head {
  std::string name;
  std::vector<std::string> classes;  ///< two or more
  std::uint32_t blocks = kAllBlocks;
  std::int64_t layer = 0;        ///< behind how many the stream is read; 0 without a stream
  std::vector<float> mu, sigma;  ///< [D]; sigma is positive
  std::vector<float> weight;     ///< [C, D]
  std::vector<float> bias;       ///< [C]
  double temperature = 1;
  double threshold = 0;  ///< what is less sure is unknown; above 1, everything is
  HeadRecord record = {};

  /// [C], sums to 1. Throws ShapeError for features of another width.
  std::vector<double> probabilities(const Features& features) const;
};

/// The heads of one file; all read the same model.
struct Probe {
  std::string model;        ///< its name when it was trained, for messages
  std::string fingerprint;  ///< model_fingerprint() of it
  std::int64_t hidden_size = 0;
  std::vector<Head> heads;  ///< names differ

  /// The head of this name. Throws ConfigError naming those there are.
  const Head& head(std::string_view name) const;
  /// Depths at which heads read the stream, rising, each once; empty where none reads it.
  std::vector<std::int64_t> layers() const;
};

/// The depth at which a head reads the stream, for a FeatureReader; empty where it reads none.
std::vector<std::int64_t> layers_of(const Head& head);

/// Adds a head, or puts it in the place of the one that has its name.
void put_head(Probe& probe, Head head);

/// Everything is checked: kinds of values, shapes, that all are finite, names, versions. `file`
/// names the bytes in messages. Throws FileError for a damaged file, ConfigError for one that is no
/// probe or does not fit together, Unsupported for another version.
Probe parse_probe(std::span<const std::byte> bytes, const std::string& file);
Probe load_probe(const std::filesystem::path& file);

/// Writes one safetensors file, whole or not at all. Throws FileError.
void save_probe(const std::filesystem::path& file, const Probe& probe);

/// Throws ConfigError unless the probe was trained on this very model: features of another mean
/// nothing to it.
void require_model(const Probe& probe, const Model& model, const std::string& file);

}  // namespace pangu::adaptive
