// SPDX-License-Identifier: Apache-2.0
#include "adaptive/bundle/bundle.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "adaptive/task_kind.h"
#include "base/error.h"
#include "io/atomic_file.h"
#include "io/bundle_default.h"
#include "io/file_digest.h"
#include "io/temporary.h"

namespace pangu::adaptive {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kVersion = 1;
constexpr std::int64_t kMostBytes = std::int64_t{1} << 50;
constexpr double kMostSeconds = 1e9, kMostSpeed = 1e12;
constexpr const char* kRemake = "Make the bundle anew with pangu optimize.";

BundleWeights weights_of(const JsonObject& json) {
  return {.folder = json.get_string("folder"),
          .resident_bytes = json.get_int("resident_bytes", 0, kMostBytes),
          .load_s = json.get_number("load_s", 0, kMostSeconds),
          .prefill = json.get_number("prefill", 0, kMostSpeed)};
}

BundleKind kind_of(const JsonObject& json) {
  BundleKind out{.kind = json.get_string("kind")};
  require_kind_name(out.kind, json.file());
  const Json* ways = json.find("ways");
  if (!ways || !ways->is_array() || ways->empty()) json.reject("ways", "a list of one or more");
  for (std::size_t i = 0; i < ways->size(); ++i) {
    out.ways.push_back(parse_bundle_way(json.get_element("ways", i)));
  }
  if (const Json* figures = json.find("figures")) out.figures = *figures;
  return out;
}

Json kind_json(const BundleKind& k) {
  Json ways = Json::array();
  for (const BundleWay& way : k.ways) ways.push_back(bundle_way_json(way));
  return {{"kind", k.kind}, {"ways", std::move(ways)}, {"figures", k.figures}};
}

/// Every name must be one of the weights.
void check_names(const Bundle& bundle, const JsonObject& json) {
  const auto known = [&](const std::string& name) { return bundle.weights.contains(name); };
  if (!known(bundle.default_weights)) json.reject("default", "a name of weights");
  for (const BundleKind& kind : bundle.kinds) {
    for (const BundleWay& way : kind.ways) {
      if (known(way.weights)) continue;
      json.reject("kinds",
                  fmt::format("a name of weights for {} in place of {}", kind.kind, way.weights));
    }
  }
}

void read_files(const JsonObject& json, Bundle& bundle) {
  const JsonObject files = json.get_object("files");
  for (const auto& [name, value] : files.json().items()) {
    path_in_bundle(bundle.folder, name, json.file());
    const JsonObject file = files.get_object(name);
    bundle.files[name] = {file.get_int("bytes", 0, kMostBytes), file.get_string("digest")};
  }
}

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; at != end; at.increment(error)) {
    if (error) break;
    if (at->is_regular_file() && !is_temporary_name(at->path().filename().string())) {
      out.push_back(at->path());
    }
  }
  if (error) {
    fail<FileError>("[bundle] {} cannot be listed: {}.", folder.string(), error.message());
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

fs::path Bundle::weights_folder(std::string_view name) const {
  return path_in_bundle(folder, weights.at(std::string(name)).folder, kBundleFile);
}

fs::path Bundle::draft_folder() const {
  return draft.empty() ? fs::path() : path_in_bundle(folder, draft, kBundleFile);
}

fs::path Bundle::intent_folder() const {
  return intent.empty() ? fs::path() : path_in_bundle(folder, intent, kBundleFile);
}

const BundleWay* BundleKind::way(std::string_view weights, std::string_view kv) const {
  const auto found = std::find_if(ways.begin(), ways.end(), [&](const BundleWay& w) {
    return w.weights == weights && w.kv == kv;
  });
  return found == ways.end() ? nullptr : &*found;
}

Json bundle_way_json(const BundleWay& way) {
  return {{"weights", way.weights},
          {"kv", way.kv.empty() ? Json() : Json(way.kv)},
          {"thinking", thinking_name(way.thinking)},
          {"speculation", pangu::name(way.speculation)},
          {"answer_s", way.answer_s}};
}

BundleWay parse_bundle_way(const JsonObject& json) {
  BundleWay out{.weights = json.get_string("weights"),
                .kv = json.get_string_or("kv", ""),
                .thinking = parse_thinking(json.get_string("thinking")),
                .speculation = require_speculation_mode(json.get_string("speculation")),
                .answer_s = json.get_number("answer_s", 0, kMostSeconds)};
  if (!out.kv.empty()) require_kv_format(out.kv);
  return out;
}

const BundleKind* Bundle::kind(std::string_view name) const {
  const auto found =
      std::find_if(kinds.begin(), kinds.end(), [&](const BundleKind& k) { return k.kind == name; });
  return found == kinds.end() ? nullptr : &*found;
}

Bundle read_bundle(const fs::path& folder) {
  const fs::path file = folder / kBundleFile;
  std::error_code error;
  if (!fs::is_regular_file(file, error)) {
    fail<FileError>(
        "[bundle] {} has no {}: it is no bundle, or pangu optimize has not finished it.",
        folder.string(), kBundleFile);
  }
  return parse_bundle(read_json(file), folder);
}

Bundle parse_bundle(const Json& value, const fs::path& folder) {
  const fs::path file = folder / kBundleFile;
  const JsonObject json(file.string(), value, {.advice = kRemake, .advice_for_missing = kRemake});
  if (json.get_int("pangu_bundle", 1, kMostBytes) > kVersion) {
    fail<Unsupported>("[bundle] {} is of version {}, and this pangu knows {}. Update pangu.",
                      file.string(), json.get_int("pangu_bundle", 1, kMostBytes), kVersion);
  }
  Bundle out{.folder = folder,
             .id = file_digest(file),
             .model_name = json.get_string("model"),
             .model_digest = json.get_string("model_digest"),
             .machine = json.get_string("machine"),
             .engine = json.get_string("engine"),
             .created = json.get_string("created"),
             .default_weights = json.get_string("default"),
             .draft = json.get_string_or("draft", ""),
             .intent = json.get_string_or("intent", "")};
  for (const std::string& part : {out.draft, out.intent}) {
    if (!part.empty()) path_in_bundle(folder, part, file.string());
  }
  if (const Json* request = json.find("request")) out.request = *request;
  const JsonObject weights = json.get_object("weights");
  for (const auto& [name, entry] : weights.json().items()) {
    out.weights[name] = weights_of(weights.get_object(name));
    path_in_bundle(folder, out.weights[name].folder, file.string());
  }
  const Json* kinds = json.find("kinds");
  if (!kinds || !kinds->is_array()) json.reject("kinds", "a list");
  for (std::size_t i = 0; i < kinds->size(); ++i) {
    BundleKind kind = kind_of(json.get_element("kinds", i));
    if (out.kind(kind.kind)) {
      json.reject("kinds", fmt::format("each kind once; {} comes twice", kind.kind));
    }
    out.kinds.push_back(std::move(kind));
  }
  check_names(out, json);
  read_files(json, out);
  return out;
}

void verify_bundle(const Bundle& bundle) {
  for (const std::string& part : {bundle.draft, bundle.intent}) {
    std::error_code error;
    if (part.empty() || fs::is_directory(bundle.folder / part, error)) continue;
    fail<FileError>("[bundle] {} names the folder {}, which does not exist. {}",
                    (bundle.folder / kBundleFile).string(), part, kRemake);
  }
  for (const auto& [name, expected] : bundle.files) {
    const fs::path file = path_in_bundle(bundle.folder, name, kBundleFile);
    const std::string found = file_digest(file);
    if (found == expected.digest) continue;
    fail<FileError>("[bundle] {} has digest {}, where {} says {}: it was changed. {}",
                    file.string(), found, kBundleFile, expected.digest, kRemake);
  }
}

void write_bundle(Bundle& bundle, std::string_view except) {
  bundle.files.clear();
  for (const fs::path& file : files_in(bundle.folder)) {
    const std::string name = file.lexically_relative(bundle.folder).string();
    if (name == kBundleFile || (!except.empty() && name.starts_with(except))) continue;
    bundle.files[name] = {static_cast<std::int64_t>(fs::file_size(file)), file_digest(file)};
  }
  Json weights = Json::object(), kinds = Json::array(), files = Json::object();
  for (const auto& [name, w] : bundle.weights) {
    weights[name] = {{"folder", w.folder},
                     {"resident_bytes", w.resident_bytes},
                     {"load_s", w.load_s},
                     {"prefill", w.prefill}};
  }
  for (const BundleKind& kind : bundle.kinds) kinds.push_back(kind_json(kind));
  for (const auto& [name, f] : bundle.files) {
    files[name] = {{"bytes", f.bytes}, {"digest", f.digest}};
  }
  write_json(bundle.folder / kBundleFile,
             {{"pangu_bundle", kVersion},
              {"model", bundle.model_name},
              {"model_digest", bundle.model_digest},
              {"machine", bundle.machine},
              {"engine", bundle.engine},
              {"created", bundle.created},
              {"default", bundle.default_weights},
              {"weights", std::move(weights)},
              {"kinds", std::move(kinds)},
              {"draft", bundle.draft.empty() ? Json() : Json(bundle.draft)},
              {"intent", bundle.intent.empty() ? Json() : Json(bundle.intent)},
              {"request", bundle.request},
              {"files", std::move(files)}});
  bundle.id = file_digest(bundle.folder / kBundleFile);
}

std::int64_t link_equal_files(const fs::path& folder) {
  std::map<std::pair<std::uintmax_t, std::string>, fs::path> first;
  std::int64_t saved = 0;
  for (const fs::path& file : files_in(folder)) {
    const std::uintmax_t size = fs::file_size(file);
    const auto [place, is_new] = first.try_emplace({size, file_digest(file)}, file);
    std::error_code error;
    if (is_new || fs::equivalent(place->second, file, error)) continue;
    // The new name takes the old one's place at once: no moment without the file.
    const fs::path name = file.parent_path() / (".pangu-link-" + file.filename().string());
    fs::remove(name, error);
    fs::create_hard_link(place->second, name, error);
    if (error) continue;  // the file system has no links: the copy does as well
    fs::rename(name, file);
    saved += static_cast<std::int64_t>(size);
  }
  return saved;
}

}  // namespace pangu::adaptive
