// SPDX-License-Identifier: Apache-2.0
// A bundle: what `pangu optimize` leaves.
//
//   bundle.json        what is here, for which kinds of task, by which figures; written last
//   weights/NAME/      model folders; equal files are one file with several names
//   draft/             the draft model, if there is one
//   intent/            a small model with the probe that recognises kinds of task, if there is one
//   profile.json       the figures of the profile that it was chosen by
//   REPORT.md, *.svg   the same for people
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "adaptive/profile/variant.h"
#include "io/json.h"

namespace pangu::adaptive {

struct BundleWeights {
  std::string folder;  ///< within the bundle
  std::int64_t resident_bytes = 0;
  double load_s = 0;   ///< when it was made
  double prefill = 0;  ///< tokens per second; 0 where nobody knows
};

/// A way to serve a task.
struct BundleWay {
  std::string weights;  ///< name of BundleWeights
  std::string kv;       ///< format of the cache; empty: that of the arithmetic
  Thinking thinking = Thinking::kDefault;
  SpeculationMode speculation = SpeculationMode::kOff;  ///< that was measured to be the fastest
  double answer_s = 0;                                  ///< expected, per answer
  bool operator==(const BundleWay&) const = default;
};

/// How tasks of one kind are served.
struct BundleKind {
  std::string kind;
  /// The one that was chosen, then others that keep to the constraints: the fastest of each pair of
  /// weights and cache.
  std::vector<BundleWay> ways;
  Json figures = Json::object();  ///< what was measured and checked, for reports

  const BundleWay& choice() const { return ways.front(); }
  /// The way with these weights and this cache; null where they do not keep to the constraints.
  const BundleWay* way(std::string_view weights, std::string_view kv) const;
};

/// The keys weights, kv, thinking, speculation, answer_s, and back. Throws ConfigError.
Json bundle_way_json(const BundleWay& way);
BundleWay parse_bundle_way(const JsonObject& json);

struct BundleFile {
  std::int64_t bytes = 0;
  std::string digest;
};

struct Bundle {
  std::filesystem::path folder;
  std::string id;  ///< digest of bundle.json, once it was written or read
  std::string model_name, model_digest, machine, engine, created;
  std::string default_weights;
  std::map<std::string, BundleWeights> weights;
  std::vector<BundleKind> kinds;
  std::string draft, intent;      ///< folders within the bundle; empty: none
  Json request = Json::object();  ///< objective and constraints
  std::map<std::string, BundleFile> files;

  std::filesystem::path weights_folder(std::string_view name) const;
  /// The draft model and what recognises requests; empty where there is none.
  std::filesystem::path draft_folder() const;
  std::filesystem::path intent_folder() const;
  /// How to serve a kind; null for one that the bundle was not made for.
  const BundleKind* kind(std::string_view name) const;
};

/// What bundle.json of `folder` says. Throws ConfigError naming key, value and what was expected,
/// Unsupported for a newer version.
Bundle parse_bundle(const Json& value, const std::filesystem::path& folder);

/// Reads and checks bundle.json. Throws FileError for a folder that has none, and as parse_bundle()
/// does.
Bundle read_bundle(const std::filesystem::path& folder);

/// Throws FileError for a file that is missing or whose content is not what bundle.json says.
void verify_bundle(const Bundle& bundle);

/// Lists the files of the folder in `files`, but those whose path begins with `except`, and writes
/// bundle.json, atomically.
void write_bundle(Bundle& bundle, std::string_view except = {});

/// Makes files of equal content one file with several names, wherever the file system can. Returns
/// the bytes that were saved.
std::int64_t link_equal_files(const std::filesystem::path& folder);

}  // namespace pangu::adaptive
