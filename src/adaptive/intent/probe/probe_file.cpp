// SPDX-License-Identifier: Apache-2.0
// The file of a probe: metadata {"format": "pangu-probe", "version", "probe"}, the last a JSON
// object with the model and the heads, and of each head the tensors HEAD.mu, HEAD.sigma,
// HEAD.weight and HEAD.bias.
#include <cmath>
#include <cstring>
#include <set>
#include <utility>

#include "adaptive/intent/features/text_features.h"
#include "adaptive/intent/probe/probe.h"
#include "base/clipped.h"
#include "base/error.h"
#include "io/json.h"
#include "io/mapped_file.h"
#include "io/safetensors.h"

namespace pangu::adaptive {
namespace {

constexpr std::string_view kProbeFormat = "pangu-probe";
constexpr int kProbeVersion = 1;
constexpr std::size_t kMostHeads = 64, kMostClasses = 1024, kLongestHeadName = 64;
constexpr std::int64_t kWidestModel = std::int64_t{1} << 20;
constexpr JsonLimits kProbeJsonLimits{
    .max_bytes = std::size_t{4} << 20, .max_depth = 8, .max_values = 200'000};
constexpr const char* kProbeAdvice =
    "Train the probe anew (pangu intent train), or use the one that came with the model.";

/// [rows, width] of finite numbers; rows 0 stands for a vector [width].
std::vector<float> read_floats(const SafetensorsContent& content, const std::string& file,
                               const std::string& name, std::int64_t rows, std::int64_t width) {
  const auto found = std::find_if(content.tensors.begin(), content.tensors.end(),
                                  [&](const TensorView& tensor) { return tensor.name == name; });
  if (found == content.tensors.end()) {
    fail<ConfigError>("[probe] {} has no tensor {}. {}", file, clipped(name), kProbeAdvice);
  }
  std::vector<std::int64_t> shape = {width};
  if (rows > 0) shape = {rows, width};
  if (found->dtype != DType::kF32 || found->shape != shape) {
    fail<ConfigError>("[probe] {}: the tensor {} has shape {}; f32 of {} was expected. {}", file,
                      clipped(name), shape_text(found->shape), shape_text(shape), kProbeAdvice);
  }
  std::vector<float> values(found->data.size() / sizeof(float));
  std::memcpy(values.data(), found->data.data(), found->data.size());
  for (const float value : values) {
    if (std::isfinite(value)) continue;
    fail<ConfigError>("[probe] {}: the tensor {} has values that are not finite. {}", file,
                      clipped(name), kProbeAdvice);
  }
  return values;
}

std::vector<std::string> read_classes(const JsonObject& object) {
  const Json* found = object.find("classes");
  constexpr const char* kExpected = "an array of 2 to 1024 different names";
  if (!found || !found->is_array() || found->size() < 2 || found->size() > kMostClasses) {
    object.reject("classes", kExpected);
  }
  std::vector<std::string> classes;
  std::set<std::string> seen;
  for (const Json& item : *found) {
    if (!item.is_string() || item.get_ref<const std::string&>().empty() ||
        !seen.insert(item.get<std::string>()).second) {
      object.reject("classes", kExpected);
    }
    classes.push_back(item.get<std::string>());
  }
  return classes;
}

HeadRecord read_record(const JsonObject& object) {
  return {.examples = object.get_int("examples", 0, std::int64_t{1} << 40),
          .lambda = object.get_number("lambda", 0, 1e9),
          .accuracy = object.get_number("accuracy", 0, 1),
          .calibration_error = object.get_number("calibration_error", 0, 1),
          .max_error = object.get_number("max_error", 0, 1),
          .coverage = object.get_number("coverage", 0, 1),
          .accepted_error = object.get_number("accepted_error", 0, 1),
          .is_bound = object.get_bool("is_bound")};
}

Head read_head(const JsonObject& object, const SafetensorsContent& content, const std::string& file,
               std::int64_t hidden_size) {
  Head head{.name = object.get_string("name")};
  if (head.name.empty() || head.name.size() > kLongestHeadName) {
    object.reject("name", "a name of 1 to 64 bytes");
  }
  head.classes = read_classes(object);
  head.blocks = parse_blocks(object.get_string("features"), "probe");
  const bool has_stream = (head.blocks & kStreamBlocks) != 0;
  head.layer = object.get_int("layer", has_stream ? 1 : 0, has_stream ? 10'000 : 0);
  head.temperature = object.get_number("temperature", 1e-3, 1e3);
  head.threshold = object.get_number("threshold", 0, 2);
  head.record = read_record(object.get_object("record"));
  const std::int64_t width = feature_width(head.blocks, hidden_size);
  const auto classes = static_cast<std::int64_t>(head.classes.size());
  head.mu = read_floats(content, file, head.name + ".mu", 0, width);
  head.sigma = read_floats(content, file, head.name + ".sigma", 0, width);
  head.weight = read_floats(content, file, head.name + ".weight", classes, width);
  head.bias = read_floats(content, file, head.name + ".bias", 0, classes);
  for (const float sigma : head.sigma) {
    if (sigma > 0) continue;
    fail<ConfigError>(
        "[probe] {}: the tensor {}.sigma has the value {}; positive ones were "
        "expected. {}",
        file, clipped(head.name), sigma, kProbeAdvice);
  }
  return head;
}

/// The JSON of the heads, with the format and all versions checked.
Json checked_metadata(const SafetensorsContent& content, const std::string& file) {
  const auto value = [&](std::string_view key) {
    const auto found = content.metadata.find(key);
    return found == content.metadata.end() ? std::string() : found->second;
  };
  if (value("format") != kProbeFormat) {
    fail<ConfigError>(
        "[probe] {} is no probe: its metadata has format \"{}\", expected \"{}\". "
        "pangu intent train makes one.",
        file, clipped(value("format")), kProbeFormat);
  }
  if (value("version") != std::to_string(kProbeVersion)) {
    fail<Unsupported>("[probe] {} has version \"{}\" of the format; this program reads {}. {}",
                      file, clipped(value("version")), kProbeVersion, kProbeAdvice);
  }
  return parse_json(value("probe"), file, kProbeJsonLimits);
}

Json head_json(const Head& head) {
  const HeadRecord& r = head.record;
  return {{"name", head.name},
          {"classes", head.classes},
          {"features", block_names(head.blocks)},
          {"layer", head.layer},
          {"temperature", head.temperature},
          {"threshold", head.threshold},
          {"record",
           {{"examples", r.examples},
            {"lambda", r.lambda},
            {"accuracy", r.accuracy},
            {"calibration_error", r.calibration_error},
            {"max_error", r.max_error},
            {"coverage", r.coverage},
            {"accepted_error", r.accepted_error},
            {"is_bound", r.is_bound}}}};
}

}  // namespace

Probe parse_probe(std::span<const std::byte> bytes, const std::string& file) {
  const SafetensorsContent content = parse_safetensors(bytes, file);
  const Json json = checked_metadata(content, file);
  const JsonObject object(file, json, {.advice = kProbeAdvice, .advice_for_missing = kProbeAdvice});
  const std::int64_t text_version = object.get_int("text_features", 0, 1'000'000);
  if (text_version != kTextFeaturesVersion) {
    fail<Unsupported>(
        "[probe] {} reads version {} of the features of texts; this program makes {}. {}", file,
        text_version, kTextFeaturesVersion, kProbeAdvice);
  }
  Probe probe{.model = object.get_string("model"),
              .fingerprint = object.get_string("fingerprint"),
              .hidden_size = object.get_int("hidden_size", 1, kWidestModel)};
  const Json* heads = object.find("heads");
  if (!heads || !heads->is_array() || heads->empty() || heads->size() > kMostHeads) {
    object.reject("heads", "an array of 1 to 64 objects");
  }
  std::set<std::string> names;
  for (std::size_t i = 0; i < heads->size(); ++i) {
    probe.heads.push_back(
        read_head(object.get_element("heads", i), content, file, probe.hidden_size));
    if (!names.insert(probe.heads.back().name).second) {
      object.reject("heads", "heads with different names");
    }
  }
  if (content.tensors.size() != 4 * probe.heads.size()) {
    fail<ConfigError>("[probe] {} has {} tensors for {} heads; four for each were expected. {}",
                      file, content.tensors.size(), probe.heads.size(), kProbeAdvice);
  }
  return probe;
}

Probe load_probe(const std::filesystem::path& file) {
  const MappedFile mapped(file);
  return parse_probe(mapped.bytes(), file.string());
}

void save_probe(const std::filesystem::path& file, const Probe& probe) {
  std::vector<SafetensorsEntry> entries;
  Json heads = Json::array();
  for (const Head& head : probe.heads) {
    const auto width = static_cast<std::int64_t>(head.mu.size());
    const auto classes = static_cast<std::int64_t>(head.classes.size());
    const auto add = [&](const char* name, std::vector<std::int64_t> shape,
                         const std::vector<float>& values) {
      entries.push_back({.name = head.name + name,
                         .dtype = DType::kF32,
                         .shape = std::move(shape),
                         .data = std::as_bytes(std::span(values))});
    };
    add(".mu", {width}, head.mu);
    add(".sigma", {width}, head.sigma);
    add(".weight", {classes, width}, head.weight);
    add(".bias", {classes}, head.bias);
    heads.push_back(head_json(head));
  }
  const Json json = {{"model", probe.model},
                     {"fingerprint", probe.fingerprint},
                     {"hidden_size", probe.hidden_size},
                     {"text_features", kTextFeaturesVersion},
                     {"heads", heads}};
  write_safetensors(file, entries,
                    {{"format", std::string(kProbeFormat)},
                     {"version", std::to_string(kProbeVersion)},
                     {"probe", json_text(json)}});
}

}  // namespace pangu::adaptive
