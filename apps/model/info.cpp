// SPDX-License-Identifier: Apache-2.0
// pangu info: what a model is and needs, and what the machine offers.
#include <memory>
#include <optional>
#include <string>

#include "adaptive/route/decision_log.h"
#include "apps/model/bundle_report.h"
#include "apps/model/model_report.h"
#include "apps/shared/commands.h"
#include "apps/shared/common_options.h"
#include "apps/shared/option_rules.h"
#include "apps/shared/output.h"
#include "io/bundle_default.h"
#include "io/locate_model.h"

namespace pangu::app {
namespace {

struct InfoOptions {
  CommonOptions common;
  std::string model, decisions;
};

/// The bundle that was named, with every file as it was written; nothing where none was.
std::optional<adaptive::Bundle> named_bundle(const std::string& model) {
  if (model.empty() || !bundle_default(model)) return std::nullopt;
  adaptive::Bundle bundle = adaptive::read_bundle(model);
  adaptive::verify_bundle(bundle);
  return bundle;
}

/// Makes the decisions of a file once more, and throws for the first that comes out otherwise.
adaptive::RouteReplay checked_decisions(const InfoOptions& o,
                                        const std::optional<adaptive::Bundle>& bundle) {
  if (o.decisions.empty()) return {};
  if (!bundle) throw UsageError("--decisions belongs to the bundle that made them: name it.");
  return adaptive::replay_routes(o.decisions, *bundle);
}

std::string decisions_text(const adaptive::RouteReplay& replay) {
  std::string out = replay.same == 1
                        ? std::string("1 decision comes out the same again")
                        : fmt::format("{} decisions come out the same again", replay.same);
  if (replay.of_others > 0) {
    out += fmt::format("; {} of another bundle were passed over", replay.of_others);
  }
  if (replay.cut > 0) {
    out += fmt::format("; lines that are no JSON, as a kill leaves them: {}", replay.cut);
  }
  return out + "\n\n";
}

void info_command(const InfoOptions& o) {
  start_log(o.common);
  const std::optional<adaptive::Bundle> bundle = named_bundle(o.model);
  const adaptive::RouteReplay replay = checked_decisions(o, bundle);
  const std::string model = o.model.empty() ? "" : locate_model(o.model).string();
  if (o.common.json) {
    Json json = model.empty() ? Json::object() : report_json(inspect(model));
    if (bundle) json["bundle"] = bundle_json(*bundle);
    if (!o.decisions.empty()) {
      json["decisions"] = {
          {"same", replay.same}, {"of_others", replay.of_others}, {"cut", replay.cut}};
    }
    json["machine"] = machine_report_json(o.common);
    return print_json(json);
  }
  std::string text = bundle ? bundle_text(*bundle) : "";
  if (!o.decisions.empty()) text += decisions_text(replay);
  if (!model.empty()) text += report_text(inspect(model)) + "\n";
  print(text + machine_report_text(o.common));
}

}  // namespace

void add_info_command(CLI::App& app) {
  auto o = std::make_shared<InfoOptions>();
  CLI::App* command =
      app.add_subcommand("info",
                         "Says what a model is and needs, and what this machine offers\n"
                         "\n"
                         "Examples:\n"
                         "  pangu info MODEL\n"
                         "  pangu info                 the machine alone");
  command
      ->add_option("MODEL", o->model,
                   "Hugging Face folder, GGUF file or tokenizer, whole or not; bundle")
      ->check(not_empty());
  command
      ->add_option("--decisions", o->decisions,
                   "Make the choices of run --auto again, and check that they come out the same")
      ->type_name("F.jsonl")
      ->check(not_empty())
      ->group("Bundles");
  add_common_options(*command, o->common);
  command->callback([o] { info_command(*o); });
}

}  // namespace pangu::app
