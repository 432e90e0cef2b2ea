// SPDX-License-Identifier: Apache-2.0
// The pangu program: its commands, and how every one of them ends.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "apps/shared/chosen_command.h"
#include "apps/shared/commands.h"
#include "apps/shared/help.h"
#include "apps/shared/interrupt.h"
#include "apps/shared/option_rules.h"
#include "apps/shared/output.h"
#include "apps/shared/parse_error_text.h"
#include "apps/shared/process_limits.h"
#include "apps/shared/unknown_arguments.h"
#include "base/error.h"
#include "base/escaped.h"
#include "base/file_advice.h"
#include "io/option_error.h"
#include "pangu/error.h"

namespace pangu::app {
namespace {

enum ExitStatus { kDone = 0, kFailed = 1, kWrongUsage = 2 };

/// One row per command, in the order of --help.
constexpr void (*kCommands[])(CLI::App&) = {
    add_run_command,
    add_serve_command,
    add_info_command,
    add_tokenize_command,
    add_template_command,
    add_logits_command,
    add_bench_command,
    add_quantize_command,
    add_prune_command,
    add_convert_command,
    add_train_command,
    add_distill_command,
    add_train_tokenizer_command,
    add_corpus_command,
    add_eval_command,
    add_profile_command,
    add_recommend_command,
    add_optimize_command,
    add_intent_command,
};

/// One line, whatever a file or an argument put into the message.
int fail_with(ExitStatus status, const std::string& message) {
  note("pangu: error: " + escaped(message) + "\n");
  return status;
}

int wrong_usage(const CLI::App& app, const std::string& message) {
  return fail_with(kWrongUsage, message + " See " + command_path(chosen_command(app)) + " --help.");
}

/// Whether a command was asked to explain itself, whatever else is wrong.
bool wants_help(const CLI::App& app) {
  const CLI::App& command = chosen_command(app);
  return &command != &app && command.get_help_ptr()->count() > 0;
}

/// The message about an option whose value is that of an environment variable blames that one.
std::string with_variable_named(const CLI::App& app, const std::string& message) {
  for (const CLI::Option* option : chosen_command(app).get_options()) {
    const std::string& variable = option->get_envname();
    const char* value = variable.empty() ? nullptr : std::getenv(variable.c_str());
    const std::string name = option->get_name();
    if (value && message.starts_with(fmt::format("{}: '{}'", name, value))) {
      return fmt::format("the environment variable {} (for {}){}", variable, name,
                         message.substr(name.size()));
    }
  }
  return message;
}

/// Whether the instruction set is that of the environment variable: no argument gives another.
bool isa_comes_from_variable(int argc, char** argv) {
  const char* value = std::getenv("PANGU_ISA");
  return value && *value != '\0' && std::none_of(argv, argv + argc, [](std::string_view argument) {
           return argument == "--isa" || argument.starts_with("--isa=");
         });
}

/// What is done with a profile is explained on the page of pangu profile.
bool is_profile_action(std::string_view command, std::string_view word) {
  return command == "profile" &&
         std::find(kProfileActions.begin(), kProfileActions.end(), word) != kProfileActions.end();
}

/// How many words behind `help` name one command: below a command that has others, one more,
/// whether it is known or not.
std::ptrdiff_t words_of_command(CLI::App& app, const std::vector<char*>& words) {
  CLI::App* command = &app;
  std::ptrdiff_t n = 0;
  for (const std::string_view word : words) {
    const std::vector<CLI::App*> below = command->get_subcommands({});
    const auto next = std::find_if(below.begin(), below.end(), [&](const CLI::App* candidate) {
      return candidate->get_name() == word;
    });
    if (next == below.end()) break;
    command = *next;
    ++n;
  }
  return command->get_subcommands({}).empty() ? n : n + 1;
}

/// `pangu help`, `pangu help COMMAND` and `pangu version` are tried by everybody.
std::vector<char*> with_words_as_options(CLI::App& app, int argc, char** argv) {
  static char help[] = "--help", version[] = "--version";
  std::vector<char*> args(argv, argv + argc);
  if (argc < 2) return args;
  const std::string_view word = args[1];
  if (word == "version" && argc == 2) args[1] = version;
  if (word == "help") {
    const std::vector<char*> words(args.begin() + 2, args.end());
    const std::ptrdiff_t most = words_of_command(app, words);
    const bool has_action = std::ssize(words) == 2 && is_profile_action(words[0], words[1]);
    if (std::ssize(words) > most && !has_action) {
      throw UsageError(fmt::format("help explains one command; '{}' is too much.",
                                   words[static_cast<std::size_t>(most)]));
    }
    if (has_action) args.pop_back();
    args.erase(args.begin() + 1);
    args.push_back(help);
  }
  return args;
}

/// Of a command and of those below it.
void refuse_empty_outputs(CLI::App& command) {
  for (const char* output : {"OUT", "--out"}) {
    if (CLI::Option* option = command.get_option_no_throw(output)) option->check(not_empty());
  }
  for (CLI::App* below : command.get_subcommands({})) refuse_empty_outputs(*below);
}

void describe_program(CLI::App& app) {
  app.description(
      "Runs openPangu, Llama and Qwen models on this machine.\n"
      "\n"
      "Example:\n"
      "  pangu run MODEL -p \"Once upon a time\" --max-tokens 100");
  app.formatter(std::make_shared<HelpFormatter>());
  app.set_version_flag("--version", "pangu " PANGU_VERSION, "Print the version");
  app.set_help_flag("-h,--help", "Print this help");
  app.get_option("--help")->group("Output");
  app.get_option("--version")->group("Output");
  app.require_subcommand(0, 1);
  for (const auto add : kCommands) add(app);
  for (CLI::App* command : app.get_subcommands({})) {
    command->group("Commands");
    refuse_empty_outputs(*command);
  }
  app.footer(
      "pangu COMMAND --help explains a command. Exit status: 0 done, 1 failed, 2 wrong usage,\n"
      "3 does not hold (profile check), 130 stopped by Ctrl-C (143 by SIGTERM, 129 by SIGHUP).");
}

int run(int argc, char** argv) {
  CLI::App app;
  describe_program(app);
  try {
    const std::vector<char*> args = with_words_as_options(app, argc, argv);
    app.parse(static_cast<int>(args.size()), args.data());
    if (app.get_subcommands().empty()) print(first_steps());
    return kDone;
  } catch (const CLI::CallForHelp&) {
    // There is no help for a command that does not exist.
    if (const std::string unknown = unknown_command(app); !unknown.empty()) {
      return wrong_usage(app, unknown);
    }
    print(app.help());
    return kDone;
  } catch (const CLI::CallForVersion& version) {
    print(std::string(version.what()) + "\n");
    return kDone;
  } catch (const CLI::ParseError& error) {
    if (wants_help(app)) {
      print(app.help());
      return kDone;
    }
    // A name that is mistyped is often why something else seems to be missing.
    const std::string unknown = unknown_arguments(app);
    if (!unknown.empty()) return wrong_usage(app, unknown);
    return wrong_usage(app, with_variable_named(app, parse_error_text(app, error)));
  } catch (const UsageError& error) {
    return wrong_usage(app, error.what());
  } catch (const OptionError& error) {
    return wrong_usage(app, error.what());
  } catch (const Unsupported& error) {
    constexpr std::string_view kTag = "[isa] ";
    const std::string_view text = error.what();
    if (!text.starts_with(kTag) || !isa_comes_from_variable(argc, argv)) throw;
    fail<Unsupported>("{}the environment variable PANGU_ISA (for --isa): {}", kTag,
                      text.substr(kTag.size()));
  }
}

/// What the standard library's file functions have to say: "cannot remove" and the like.
std::string file_trouble(const std::filesystem::filesystem_error& error) {
  std::string paths = error.path1().string();
  if (!error.path2().empty()) paths += " or " + error.path2().string();
  return fmt::format("[file] {}: {}. {}", paths, error.code().message(),
                     file_advice(error.code().value()));
}

/// Turns whatever ends the program into its exit status.
int guarded_run(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const OutputClosed&) {
    return kDone;
  } catch (const EndWithStatus& end) {
    return end.status;
  } catch (const Cancelled&) {
    return interrupted_status();
  } catch (const Error& error) {
    return fail_with(kFailed, error.what());
  } catch (const std::bad_alloc&) {
    return fail_with(kFailed,
                     "[memory] the system has no more memory to give. Close other "
                     "programs, or use a smaller context (--ctx) or model.");
  } catch (const std::filesystem::filesystem_error& error) {
    return fail_with(kFailed, file_trouble(error));
  } catch (const std::system_error& error) {
    return fail_with(kFailed,
                     fmt::format("[system] {}. Is there a limit of processes, memory or open "
                                 "files (ulimit -a, the container)?",
                                 error.code().message()));
  } catch (const std::exception& error) {
    return fail_with(kFailed, std::string("[unexpected] ") + error.what());
  }
}

}  // namespace
}  // namespace pangu::app

int main(int argc, char** argv) {
  pangu::app::prepare_standard_streams();
  pangu::app::prepare_for_limits();
  return pangu::app::with_enough_stack(&pangu::app::guarded_run, argc, argv);
}
