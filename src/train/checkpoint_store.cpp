// SPDX-License-Identifier: Apache-2.0
#include "train/checkpoint_store.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>

#include "base/error.h"
#include "base/log.h"
#include "io/atomic_file.h"
#include "io/atomic_folder.h"
#include "io/file_digest.h"
#include "io/folder_names.h"
#include "io/safetensors.h"
#include "io/temporary.h"

namespace pangu {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "step-";
constexpr const char* kStateFile = "trainer_state.json";
constexpr const char* kOptimizerFile = "optimizer.safetensors";
constexpr int kStateVersion = 1;
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

std::optional<std::int64_t> step_of(const std::string& name) {
  if (!name.starts_with(kPrefix)) return std::nullopt;
  const char* begin = name.data() + kPrefix.size();
  const char* end = name.data() + name.size();
  std::int64_t step = 0;
  const auto [at, error] = std::from_chars(begin, end, step);
  if (error != std::errc() || at != end || step < 1) return std::nullopt;
  return step;
}

std::vector<std::int64_t> shape_of(const Parameter& p) {
  std::vector<std::int64_t> shape;
  for (int i = 0; i < p.shape.rank(); ++i) shape.push_back(p.shape[i]);
  return shape;
}

/// What is kept of one parameter, with the prefix of its name.
struct Kept {
  std::string_view prefix;
  std::span<float> values;
};

/// What there is of a parameter: Muon keeps no squares.
std::vector<Kept> kept(Parameter& p, Moments& moments) {
  std::vector<Kept> parts{{"master.", p.value}, {"exp_avg.", moments.first}};
  if (!moments.second.empty()) parts.push_back({"exp_avg_sq.", moments.second});
  return parts;
}

void write_optimizer(const fs::path& file, std::span<const Parameter> parameters,
                     std::span<const Moments> moments) {
  std::vector<SafetensorsEntry> entries;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const Parameter& p = parameters[i];
    const auto add = [&](const char* prefix, std::span<const float> values) {
      entries.push_back({.name = prefix + p.name,
                         .dtype = DType::kF32,
                         .shape = shape_of(p),
                         .data = std::as_bytes(values)});
    };
    add("master.", p.value);
    add("exp_avg.", moments[i].first);
    if (!moments[i].second.empty()) add("exp_avg_sq.", moments[i].second);
  }
  write_safetensors(file, entries);
}

Json to_json(const TrainerState& state) {
  return {{"version", kStateVersion},
          {"step", state.step},
          {"rows", state.rows ? Json(*state.rows) : Json()},
          {"tokens", state.tokens},
          {"targets", state.targets},
          {"loss", state.loss},
          {"running_loss", state.running_loss},
          {"validation_loss", state.validation_loss ? Json(*state.validation_loss) : Json()},
          // As text: readers of JSON differ about integers past 2^53.
          {"data_digest", fmt::format("{:016x}", state.data_digest)},
          {"file_digests", state.file_digests},
          {"config", state.config}};
}

std::map<std::string, std::string> digests_of(const fs::path& folder) {
  std::map<std::string, std::string> digests;
  for (const std::string& name : folder_names(folder)) {
    if (fs::is_regular_file(folder / name)) digests[name] = file_digest(folder / name);
  }
  return digests;
}

void load_into(const SafetensorsFile& file, const Parameter& p, const Kept& part) {
  const std::string name = std::string(part.prefix) + p.name;
  const TensorView* tensor = file.find(name);
  if (!tensor) {
    fail<ShapeError>(
        "[resume] {} has no tensor {}. A checkpoint of this model was expected; does the config "
        "describe another one?",
        file.path().string(), name);
  }
  if (tensor->shape != shape_of(p) || tensor->dtype != DType::kF32) {
    fail<ShapeError>(
        "[resume] {}: {} is {} {}, but the model has f32 {}. A checkpoint of this model was "
        "expected; does the config describe another one?",
        file.path().string(), name, pangu::name(tensor->dtype), shape_text(tensor->shape),
        shape_text(shape_of(p)));
  }
  if (!tensor->data.empty()) {
    std::memcpy(part.values.data(), tensor->data.data(), tensor->data.size());
  }
  file.drop(*tensor);
}

}  // namespace

std::vector<std::int64_t> checkpoint_steps(const fs::path& folder) {
  std::vector<std::int64_t> steps;
  for (const std::string& name : folder_names(folder)) {
    const auto step = step_of(name);
    if (step && fs::is_directory(folder / name)) steps.push_back(*step);
  }
  std::ranges::sort(steps);
  return steps;
}

fs::path checkpoint_path(const fs::path& folder, std::int64_t step) {
  return folder / fmt::format("{}{:06}", kPrefix, step);
}

void remove_unfinished(const fs::path& folder) {
  for (const std::string& name : folder_names(folder)) {
    if (!is_temporary_name(name)) continue;
    std::error_code ignored;
    fs::remove_all(folder / name, ignored);
  }
}

void save_checkpoint(const Checkpoints& checkpoints, const TrainerState& state,
                     std::span<const Parameter> parameters, std::span<const Moments> moments,
                     const std::function<void(const fs::path&)>& save_model) {
  const fs::path target = checkpoint_path(checkpoints.folder, state.step);
  // One of the same step was made by the same run: it is complete, and this one would be equal.
  if (fs::exists(target / kStateFile)) return;
  {
    AtomicFolder folder(target);
    write_optimizer(folder.path() / kOptimizerFile, parameters, moments);
    save_model(folder.path());
    TrainerState whole = state;
    whole.file_digests = digests_of(folder.path());
    write_file_atomically(folder.path() / kStateFile, json_text(to_json(whole), 1) + "\n");
    folder.commit();
  }
  const std::vector<std::int64_t> steps = checkpoint_steps(checkpoints.folder);
  const auto surplus = static_cast<std::int64_t>(steps.size()) - checkpoints.keep;
  for (std::int64_t i = 0; i < surplus; ++i) {
    const fs::path old = checkpoint_path(checkpoints.folder, steps[static_cast<std::size_t>(i)]);
    // Renamed first: killed while it removes files, it must not leave half a checkpoint.
    const fs::path doomed = checkpoints.folder / fmt::format(".pangu-old-{}.tmp", i);
    std::error_code error;
    fs::remove_all(doomed, error);
    fs::rename(old, doomed, error);
    if (!error) fs::remove_all(doomed, error);
    if (error) log::warning("[save] cannot remove {}: {}.", old.string(), error.message());
  }
}

TrainerState read_trainer_state(const fs::path& checkpoint) {
  const fs::path file = checkpoint / kStateFile;
  const Json json = read_json(file, {.max_bytes = std::size_t{4} << 20});
  const std::string advice = "Is the checkpoint damaged?";
  const JsonObject o(file.string(), json,
                     {.advice = advice, .advice_for_missing = advice, .options = {}});
  o.get_int("version", kStateVersion, kStateVersion);
  TrainerState state;
  state.step = o.get_int("step", 1, kMax);
  if (o.contains("rows")) state.rows = o.get_int("rows", 1, kMax);
  state.tokens = o.get_int("tokens", 0, kMax);
  state.targets = o.get_int("targets", 0, kMax);
  constexpr double kAnyLoss = std::numeric_limits<double>::max();
  state.loss = o.get_number("loss", -kAnyLoss, kAnyLoss);
  state.running_loss = o.get_number("running_loss", -kAnyLoss, kAnyLoss);
  if (o.contains("validation_loss")) {
    state.validation_loss = o.get_number("validation_loss", -kAnyLoss, kAnyLoss);
  }
  const std::string& digest = o.get_string("data_digest");
  const char* end = digest.data() + digest.size();
  const auto [at, error] = std::from_chars(digest.data(), end, state.data_digest, 16);
  if (error != std::errc() || at != end) o.reject("data_digest", "a hexadecimal number");
  state.config = o.get_object("config").json();
  if (o.contains("file_digests")) {
    const JsonObject digests = o.get_object("file_digests");
    for (const auto& [name, value] : digests.json().items()) {
      state.file_digests[name] = digests.get_string(name);
    }
  }
  return state;
}

void require_undamaged(const fs::path& checkpoint, const TrainerState& state) {
  for (const auto& [name, expected] : state.file_digests) {
    // Names come from a file: none may lead elsewhere.
    const fs::path file = checkpoint / fs::path(name).filename();
    const std::string found = file_digest(file);
    if (found == expected) continue;
    fail<FileError>("[resume] {} is damaged: its digest is {}, but {} was written.", file.string(),
                    found, expected);
  }
}

bool is_readable_checkpoint(const fs::path& checkpoint) {
  try {
    require_undamaged(checkpoint, read_trainer_state(checkpoint));
    const SafetensorsFile optimizer(checkpoint / kOptimizerFile);
    return true;
  } catch (const Error&) {
    return false;
  }
}

void load_checkpoint(const fs::path& checkpoint, std::span<Parameter> parameters,
                     std::span<Moments> moments) {
  const SafetensorsFile file(checkpoint / kOptimizerFile);
  std::size_t expected = 0;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    expected += kept(parameters[i], moments[i]).size();
  }
  if (file.tensors().size() != expected) {
    fail<ShapeError>(
        "[resume] {} has {} tensors, but the model needs {}. A checkpoint of this model was "
        "expected; does the config describe another one?",
        file.path().string(), file.tensors().size(), expected);
  }
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    for (const Kept& part : kept(parameters[i], moments[i])) load_into(file, parameters[i], part);
  }
}

}  // namespace pangu
