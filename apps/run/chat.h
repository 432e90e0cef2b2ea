// SPDX-License-Identifier: Apache-2.0
// `pangu run --chat` without -p: a conversation, typed or piped line by line.
#pragma once

#include <vector>

#include "apps/run/message_reader.h"
#include "apps/run/session.h"

namespace pangu::app {

/// The conversation's beginning: the system message, if one was given.
std::vector<Message> opening(const RunOptions& options);

/// Answers every message until the input ends or one says /exit.
void converse(Session& session, MessageReader& reader);

}  // namespace pangu::app
