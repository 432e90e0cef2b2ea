// SPDX-License-Identifier: Apache-2.0
#include "compress/prune_state.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/error.h"
#include "io/atomic_file.h"
#include "io/folder_names.h"
#include "io/temporary.h"
#include "train/resume_settings.h"

namespace pangu::compress {
namespace {

namespace fs = std::filesystem;
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr double kAnyNumber = std::numeric_limits<double>::max();

std::vector<double> numbers(const Json& list, const JsonObject& of, std::string_view key) {
  std::vector<double> out;
  for (const Json& value : list) {
    if (!value.is_number()) of.reject(key, "a list of numbers");
    out.push_back(value.get<double>());
  }
  return out;
}

/// Whether there is nothing in a folder but what a run that was killed early left unfinished.
bool is_free(const fs::path& folder) {
  return std::ranges::all_of(folder_names(folder), &is_temporary_name);
}

/// Throws ConfigError unless a round can follow others.
void check_round(const RoundResult& r, const std::vector<RoundResult>& before,
                 const JsonObject& json) {
  if (std::cmp_not_equal(r.round, before.size())) {
    json.reject("round", fmt::format("{}, its place in the list,", before.size()));
  }
  const std::size_t sizes = before.empty() ? r.kept.size() : before.front().kept.size();
  if (sizes == 0 || r.kept.size() != sizes) {
    json.reject("kept", fmt::format("a list of {} numbers", std::max<std::size_t>(sizes, 1)));
  }
}

/// Keys of PrunePlan::resume_settings() whose option of `pangu prune` has another name.
constexpr std::pair<std::string_view, std::string_view> kOptions[] = {
    {"in", "IN"},
    {"before", "the config of IN"},
    {"cubic", "--pace cubic"},
    {"formats", "--format (layers, head, embedding)"},
    {"include_down", "the opposite of --without-down"}};

/// "ratio" is --ratio; what stands in "more" is named after its option.
std::string option_of(const std::string& key) {
  if (key.starts_with("more.")) return key.substr(key.find('.') + 1);
  for (const auto& [name, option] : kOptions) {
    if (key.substr(0, key.find('.')) == name) return std::string(option);
  }
  std::string option = "--" + key;
  std::ranges::replace(option, '_', '-');
  return option;
}

void require_same_options(const Json& saved, const Json& now, const fs::path& file) {
  const auto change = setting_change(saved, now);
  if (!change) return;
  fail<ConfigError>(
      "[resume] {} was begun with {} = {}; now it is {}. A resumed run takes the same model and "
      "options: restore that one, or begin anew in another folder without --resume.",
      file.string(), option_of(change->key), change->before, change->now);
}

const Json& list_of(const JsonObject& json, std::string_view key) {
  const Json* list = json.find(key);
  if (!list || !list->is_array()) json.reject(key, "a list");
  return *list;
}

}  // namespace

Json to_json(const RoundResult& r) {
  return {{"round", r.round},         {"ratio", r.ratio},
          {"format", r.format},       {"config", to_json(r.config)},
          {"kept", r.kept},           {"parameters", r.parameters},
          {"bytes", r.bytes},         {"weights_digest", r.weights_digest},
          {"seconds", r.seconds},     {"profile", r.profile},
          {"influence", r.influence}, {"repaired", r.repaired},
          {"sparsity", r.sparsity},   {"measured", r.measured}};
}

RoundResult parse_round(const JsonObject& json) {
  RoundResult r{.round = json.get_int("round", 0, 1001),
                .ratio = json.get_number("ratio", 0, 1),
                .format = json.get_string_or("format", ""),
                .config = parse_model_config(json.get_object("config").json(), json.file()),
                .kept = json.get_ints("kept", 1, kMost),
                .parameters = json.get_int("parameters", 1, kMost),
                .bytes = json.get_int("bytes", 0, kMost),
                .weights_digest = json.get_string_or("weights_digest", ""),
                .seconds = json.get_number("seconds", 0, 1e12)};
  for (const Json& layer : list_of(json, "profile")) {
    if (!layer.is_array()) json.reject("profile", "a list of lists");
    r.profile.push_back(numbers(layer, json, "profile"));
  }
  r.influence = numbers(list_of(json, "influence"), json, "influence");
  r.repaired = list_of(json, "repaired");
  for (const Json& value : r.repaired) {
    const JsonObject matrix(json.file(), value);
    matrix.get_string("name");
    for (const char* key : {"error_before", "error_after"}) matrix.get_number(key, 0, kAnyNumber);
  }
  r.sparsity = list_of(json, "sparsity");
  for (const Json& value : r.sparsity) {
    const JsonObject matrix(json.file(), value);
    matrix.get_string("name");
    matrix.get_int("zeros", 0, matrix.get_int("weights", 1, kMost));
  }
  if (const Json* measured = json.find("measured")) r.measured = *measured;
  return r;
}

PruneState::PruneState(fs::path out, const Json& settings, bool resume)
    : out_(std::move(out)), settings_(settings) {
  const fs::path file = out_ / "prune.json";
  const bool has_run = fs::exists(file);
  if (has_run && resume) {
    read(file, settings);
    return;
  }
  if (has_run) {
    fail<FileError>(
        "[output] {} holds a pruning run. Add --resume to go on with it, or choose another folder.",
        out_.string());
  }
  if (!is_free(out_)) {
    fail<FileError>("[output] {} is not empty. Choose a new folder.", out_.string());
  }
}

void PruneState::read(const fs::path& file, const Json& settings) {
  const Json whole = read_json(file);
  const JsonObject json(file.string(), whole);
  require_same_options(json.get_object("course").json(), settings, file);
  digest_ = json.get_string_or("calibration_digest", "");
  for (const Json& round : list_of(json, "rounds")) {
    const JsonObject object(file.string(), round);
    RoundResult r = parse_round(object);
    check_round(r, rounds_, object);
    rounds_.push_back(std::move(r));
  }
  if (!json.contains("pending")) return;
  const JsonObject object = json.get_object("pending");
  pending_ = parse_round(object);
  check_round(*pending_, rounds_, object);
}

void PruneState::require_rounds_up_to(std::int64_t most) const {
  if (std::ssize(rounds_) - 1 <= most) return;
  fail<FileError>(
      "[resume] {} lists {} rounds; at most {} were expected. Restore the file, or begin anew in "
      "another folder.",
      file().string(), std::ssize(rounds_) - 1, most);
}

void PruneState::require_digest(std::uint64_t digest) {
  const std::string now = fmt::format("{:016x}", digest);
  if (!digest_.empty() && digest_ != now) {
    fail<ConfigError>(
        "[resume] {} was begun with other calibration text. Restore the files, or choose another "
        "output folder.",
        out_.string());
  }
  digest_ = now;
}

void PruneState::add(const RoundResult& round) {
  rounds_.push_back(round);
  pending_.reset();
  write();
}

void PruneState::set_pending(const RoundResult& round) {
  pending_ = round;
  write();
}

void PruneState::write() const {
  Json json{{"course", settings_}, {"rounds", Json::array()}};
  if (!digest_.empty()) json["calibration_digest"] = digest_;
  for (const RoundResult& r : rounds_) json["rounds"].push_back(to_json(r));
  if (pending_) json["pending"] = to_json(*pending_);
  write_file_atomically(file(), json_text(json, 1) + "\n");
}

}  // namespace pangu::compress
