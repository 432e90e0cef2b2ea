// SPDX-License-Identifier: Apache-2.0
// Variables that a caller gives a chat template (chat_template_kwargs), checked: one that would
// change nothing, or that is not the caller's to set, is an error.
#pragma once

#include "pangu/chat.h"
#include "text/chat/chat_template.h"

namespace pangu {

/// Puts the variables of `chat` into `options`, and returns the mode of thinking that is asked for,
/// by them or by name. Where the template does not name "enable_thinking" or "thinking", they are a
/// way to choose a mode; to a model that cannot think, asking for none says nothing.
/// throws InputError for what is no JSON object, for variables that hold the conversation or the
///        tokenizer's strings, and where thinking is asked for and not; Unsupported for a variable
///        that the template does not name.
Thinking apply_variables(const ChatTemplate& chat_template, bool can_think, const ChatOptions& chat,
                         RenderOptions& options);

}  // namespace pangu
