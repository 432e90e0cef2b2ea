// SPDX-License-Identifier: Apache-2.0
// pangu intent ask: the kind of one request.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "adaptive/intent/label_likelihood.h"
#include "adaptive/intent/recognise.h"
#include "adaptive/intent/recognition_report.h"
#include "apps/intent/intent_commands.h"
#include "apps/shared/commands.h"
#include "apps/shared/output.h"
#include "apps/shared/text_input.h"
#include "base/resources.h"
#include "base/utf8.h"
#include "data/training_record.h"
#include "io/mapped_file.h"
#include "report/units.h"

namespace pangu::app {
namespace {

struct IntentAskCommand {
  CommonOptions common;
  std::string model, probe, messages;
  std::optional<std::string> prompt;
  bool labels = false;
};

adaptive::Request request_of_messages(const std::string& file) {
  const MappedFile mapped(file);
  const std::string_view content(reinterpret_cast<const char*>(mapped.bytes().data()),
                                 mapped.bytes().size());
  const TrainingRecord record = parse_training_record(content, file);
  const auto* chat = std::get_if<ChatRecord>(&record.form);
  if (!chat) {
    throw UsageError(
        fmt::format("{} has no messages. {{\"messages\": [{{\"role\", \"content\"}}, ...]}} "
                    "was expected.",
                    file));
  }
  std::vector<Message> messages;
  for (const TrainingMessage& m : chat->messages) {
    messages.push_back({.role = m.role, .content = m.content});
  }
  return adaptive::request_of(messages);
}

adaptive::Request asked_request(const IntentAskCommand& o) {
  if (!o.messages.empty()) return request_of_messages(o.messages);
  if (!o.prompt && is_terminal_stdin()) {
    throw UsageError("there is no request. Give one with -p, or pipe one into standard input.");
  }
  const std::string text = o.prompt ? *o.prompt : read_stdin();
  utf8::require_valid(text, "the request");
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) {
    throw UsageError("the request is empty.");
  }
  return adaptive::request_of(text);
}

std::string recognition_lines(const adaptive::Recognition& r) {
  std::string text = r.is_unknown() ? fmt::format("unknown (likeliest {}, {:.1f} %)\n", r.likeliest,
                                                  100 * r.confidence)
                                    : fmt::format("{} ({:.1f} %)\n", r.kind, 100 * r.confidence);
  auto sorted = r.probabilities;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  for (const auto& [kind, p] : sorted) text += fmt::format("  {:<16}{:>6.1f} %\n", kind, 100 * p);
  return text;
}

void intent_ask_command(const IntentAskCommand& o) {
  const adaptive::Request request = asked_request(o);
  CommandFrame frame(o.common);
  Context ctx(context_options(o.common));
  const Model model = load_intent_model(o.model, frame, ctx);
  adaptive::Recognition recognition;
  double seconds = 0;
  if (o.labels) {
    adaptive::LabelLikelihood labels(model, ctx);
    const Stopwatch watch;
    recognition = labels.recognise(request);
    seconds = watch.seconds();
  } else {
    const std::filesystem::path file = probe_file(o.probe, model);
    adaptive::Recogniser recogniser(model, ctx, adaptive::load_probe(file), file.string());
    const Stopwatch watch;
    recognition = recogniser.recognise(request);
    seconds = watch.seconds();
  }
  if (!frame.prints_json()) print(recognition_lines(recognition));
  frame.finish(
      [&] {
        Json json = adaptive::recognition_json(recognition);
        json["recognition_s"] = seconds;
        return json;
      },
      [&](double) { return fmt::format("recognised in {}\n", seconds_text(seconds)); });
}

}  // namespace

void add_intent_ask_command(CLI::App& intent) {
  auto o = std::make_shared<IntentAskCommand>();
  CLI::App* command =
      intent.add_subcommand("ask",
                            "Says what kind of task a request is, and how sure that is\n"
                            "\n"
                            "Examples:\n"
                            "  pangu intent ask -p \"Write a function that reverses a string\"\n"
                            "  pangu intent ask --json < request.txt\n"
                            "  pangu intent ask --messages conversation.json");
  auto* prompt = command->add_option("-p,--prompt", o->prompt, "The request")
                     ->type_name("TEXT")
                     ->default_str("standard input")
                     ->group("Request");
  command
      ->add_option("--messages", o->messages,
                   "A conversation, {\"messages\": [...]}; the last user message counts")
      ->type_name("FILE")
      ->excludes(prompt)
      ->group("Request");
  auto* probe = command->add_option("--probe", o->probe, "What pangu intent train wrote")
                    ->type_name("FILE")
                    ->default_str("intent.safetensors beside the model")
                    ->group("Model");
  command->add_flag("--labels", o->labels, "Ask the model itself to name the kind, without a probe")
      ->excludes(probe)
      ->group("Model");
  add_intent_model_option(*command, o->model);
  add_common_options(*command, o->common);
  command->callback([o] { intent_ask_command(*o); });
}

}  // namespace pangu::app
