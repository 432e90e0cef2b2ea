// SPDX-License-Identifier: Apache-2.0
#include "train/decoder_objective.h"

#include "base/error.h"

namespace pangu {

std::unique_ptr<Objective> make_decoder_objective(const DecoderObjectiveOptions& options,
                                                  Context& /*ctx*/) {
  fail<Unsupported>(
      "[train] {} has no gradients in this build. A build with training of decoders was expected.",
      options.config.architecture);
}

}  // namespace pangu
