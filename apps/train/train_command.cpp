// SPDX-License-Identifier: Apache-2.0
#include "apps/train/train_command.h"

#include <fmt/format.h>

#include <exception>

#include "apps/shared/command_text.h"
#include "apps/shared/output.h"
#include "apps/train/train_report.h"
#include "base/error.h"
#include "comm/process_group.h"

namespace pangu::app {
namespace {

void train_or_estimate(const CLI::App& command, const TrainFlags& flags, const TrainConfig& config,
                       CommandFrame& frame, Communicator& communicator) {
  if (flags.estimate) return print_estimate(config, frame);
  TrainReport report(frame, command_text(command, false) + " --resume");
  const recipes::TrainRunResult result =
      recipes::run_training(config,
                            {.machine = context_options(frame.common()),
                             .command = command_text(command, true),
                             .resume = flags.resume},
                            report.hooks(), communicator);
  report.show(config, result);
  if (result.training.interrupted) fail<Cancelled>("[cancel] stopped by Ctrl-C.");
}

/// The other ranks wait for this one: nobody ends alone.
void end_group_on_error(Communicator& communicator, const std::function<void()>& work) {
  try {
    work();
  } catch (const Cancelled&) {
    throw;
  } catch (const std::exception& error) {
    note(fmt::format("pangu: error: {} (process {} of {})\n", error.what(), communicator.rank(),
                     communicator.size()));
    communicator.abort(1);
  }
}

}  // namespace

void train_in_group(const CLI::App& command, const CommonOptions& common, const TrainFlags& flags,
                    const std::function<TrainConfig()>& make_config) {
  CommandFrame frame(common);
  const auto communicator = join_process_group();
  if (communicator->rank() != 0) frame.silence();
  const auto work = [&] { train_or_estimate(command, flags, make_config(), frame, *communicator); };
  if (communicator->size() == 1) return work();
  end_group_on_error(*communicator, work);
}

}  // namespace pangu::app
