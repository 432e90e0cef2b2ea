// SPDX-License-Identifier: Apache-2.0
#include "adaptive/intent/probe/probe.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "adaptive/intent/features/text_features.h"
#include "adaptive/intent/recognise.h"
#include "io/safetensors.h"
#include "tests/support/support.h"

namespace pangu::adaptive {
namespace {

Head text_head(std::string name, std::vector<std::string> classes) {
  Head head{.name = std::move(name), .classes = std::move(classes), .blocks = kSurfaceBlock};
  head.mu.assign(kSurfaceFeatures, 0.25f);
  head.sigma.assign(kSurfaceFeatures, 2.0f);
  for (std::size_t i = 0; i < head.classes.size() * kSurfaceFeatures; ++i) {
    head.weight.push_back(0.125f * static_cast<float>(i % 7) - 0.25f);
  }
  head.bias.assign(head.classes.size(), 0.5f);
  head.temperature = 1.25;
  head.threshold = 0.5;
  head.record = {.examples = 12, .lambda = 1e-3, .accuracy = 0.75};
  return head;
}

Probe two_heads() {
  return {
      .model = "m",
      .fingerprint = "0123456789abcdef",
      .hidden_size = 16,
      .heads = {text_head("kind", {"code", "math", "chat"}), text_head("thinks", {"no", "yes"})}};
}

/// The bytes of a probe, with its metadata and tensors changed before they are written.
std::vector<std::byte> changed_probe(
    const std::function<void(SafetensorsMetadata&, std::vector<SafetensorsEntry>&)>& change) {
  const test::ScratchDir dir;
  save_probe(dir / "p.safetensors", two_heads());
  const SafetensorsFile file(dir / "p.safetensors");
  SafetensorsMetadata metadata = file.metadata();
  std::vector<SafetensorsEntry> entries;
  for (const TensorView& t : file.tensors()) {
    entries.push_back({.name = t.name, .dtype = t.dtype, .shape = t.shape, .data = t.data});
  }
  change(metadata, entries);
  write_safetensors(dir / "q.safetensors", entries, metadata);
  const SafetensorsFile changed(dir / "q.safetensors");
  return {changed.bytes().begin(), changed.bytes().end()};
}

void replace_in(std::string& text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  ASSERT_NE(at, std::string::npos) << from << " in " << text;
  text.replace(at, from.size(), to);
}

TEST(Probe, ComesBackFromItsFileAsItWas) {
  const test::ScratchDir dir;
  const Probe probe = two_heads();
  save_probe(dir / "p.safetensors", probe);
  const Probe read = load_probe(dir / "p.safetensors");
  EXPECT_EQ(read.fingerprint, probe.fingerprint);
  ASSERT_EQ(read.heads.size(), 2u);
  const Head &a = read.head("thinks"), &b = probe.head("thinks");
  EXPECT_EQ(a.classes, b.classes);
  EXPECT_EQ(a.weight, b.weight);
  EXPECT_EQ(a.bias, b.bias);
  EXPECT_EQ(a.mu, b.mu);
  EXPECT_EQ(a.sigma, b.sigma);
  EXPECT_EQ(a.temperature, b.temperature);
  EXPECT_EQ(a.threshold, b.threshold);
  EXPECT_EQ(a.record.examples, 12);
  EXPECT_EQ(a.record.accuracy, 0.75);
  EXPECT_TRUE(read.layers().empty());
  PANGU_EXPECT_ERROR(read.head("speed"), ConfigError, "\"speed\"", "kind, thinks");
}

TEST(Probe, ProbabilitiesAreThoseOfTheFormula) {
  const Head head = text_head("kind", {"code", "math", "chat"});
  const Request request = request_of("What is 3 + 4?");
  const Features features{.surface = surface_features(request)};
  double logits[3], sum = 0;
  for (std::size_t c = 0; c < 3; ++c) {
    logits[c] = 0.5;
    for (std::size_t i = 0; i < kSurfaceFeatures; ++i) {
      logits[c] +=
          double(head.weight[c * kSurfaceFeatures + i]) * (double(features.surface[i]) - 0.25) / 2;
    }
    sum += std::exp(logits[c] / 1.25);
  }
  const std::vector<double> p = head.probabilities(features);
  for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(p[c], std::exp(logits[c] / 1.25) / sum, 1e-12);
  const Recognition r = recognise(head, features);
  EXPECT_EQ(r.confidence, *std::max_element(p.begin(), p.end()));
  EXPECT_EQ(r.is_unknown(), r.confidence < 0.5);
  PANGU_EXPECT_ERROR(head.probabilities(Features{}), ShapeError, "reads 36 features", "given 0");
}

TEST(Probe, FilesThatAreNotWhatTheyShouldBeAreRefused) {
  using Metadata = SafetensorsMetadata;
  using Entries = std::vector<SafetensorsEntry>;
  const auto read = [](const auto& change) { parse_probe(changed_probe(change), "p"); };
  const auto in_json = [&](const std::string& from, const std::string& to) {
    read([&](Metadata& m, Entries&) { replace_in(m["probe"], from, to); });
  };
  PANGU_EXPECT_ERROR(read([](Metadata& m, Entries&) { m["format"] = "pt"; }), ConfigError,
                     "p is no probe", "\"pt\"");
  PANGU_EXPECT_ERROR(read([](Metadata& m, Entries&) { m["version"] = "2"; }), Unsupported,
                     "version \"2\"");
  PANGU_EXPECT_ERROR(read([](Metadata& m, Entries&) { m["probe"] = "[1"; }), FileError, "p");
  PANGU_EXPECT_ERROR(read([](Metadata&, Entries& e) { e.pop_back(); }), ConfigError, "no tensor");
  PANGU_EXPECT_ERROR(read([](Metadata&, Entries& e) { e[0].name = "other.mu"; }), ConfigError,
                     "no tensor");
  PANGU_EXPECT_ERROR(in_json("\"code\",", "\"code\",\"more\","), ConfigError, "weight", "expected");
  PANGU_EXPECT_ERROR(in_json("\"math\"", "\"code\""), ConfigError, "different names");
  PANGU_EXPECT_ERROR(in_json("\"surface\"", "\"colour\""), ConfigError, "colour");
  PANGU_EXPECT_ERROR(in_json("\"text_features\":1", "\"text_features\":9"), Unsupported,
                     "version 9");
  PANGU_EXPECT_ERROR(in_json("\"temperature\":1.25", "\"temperature\":0"), ConfigError,
                     "temperature");
  PANGU_EXPECT_ERROR(in_json("\"name\":\"thinks\"", "\"name\":\"kind\""), ConfigError,
                     "kind.weight");
  PANGU_EXPECT_ERROR(parse_probe({}, "p"), FileError, "p");
}

TEST(Probe, NumbersThatAreNotFiniteOrPositiveAreRefused) {
  const std::vector<float> bad(kSurfaceFeatures, std::numeric_limits<float>::quiet_NaN());
  const std::vector<float> zero(kSurfaceFeatures, 0.0f);
  const auto with = [](const char* name, const std::vector<float>& values) {
    parse_probe(changed_probe([&](auto&, auto& entries) {
                  for (SafetensorsEntry& e : entries) {
                    if (e.name == name) e.data = std::as_bytes(std::span(values));
                  }
                }),
                "p");
  };
  PANGU_EXPECT_ERROR(with("kind.mu", bad), ConfigError, "kind.mu", "not finite");
  PANGU_EXPECT_ERROR(with("thinks.sigma", zero), ConfigError, "thinks.sigma", "positive");
}

TEST(Probe, OfAnotherModelIsRefused) {
  Context ctx(ContextOptions{.threads = 1});
  const Model model = load_model("pangu-pico", {}, ctx);
  PANGU_EXPECT_ERROR(require_model(two_heads(), model, "p.safetensors"), ConfigError,
                     "p.safetensors was trained on m", "pangu-pico");
  PANGU_EXPECT_ERROR(probe_beside(model), FileError, "pangu-pico has no probe");
}

}  // namespace
}  // namespace pangu::adaptive
