// SPDX-License-Identifier: Apache-2.0
// The chat template of tokenizers that are made here: the prompts of openPangu-Embedded.
#pragma once

#include <string_view>

namespace pangu::text {

/// An empty system turn comes first unless the conversation begins with one; roles other than the
/// five leave no trace; there is no newline anywhere. [unused9] opens a message, [unused10] closes
/// it. Thinking is chosen by a tag at the end of the user's message.
inline constexpr std::string_view kOpenPanguTemplate =
    "{% set openings = {'system': '系统：', 'user': '用户：', 'assistant': '助手：', "
    "'tool': '工具：', 'function': '方法：'} %}"
    "{% for message in messages %}"
    "{% if loop.first and message['role'] != 'system' %}"
    "{{ '[unused9]系统：[unused10]' }}"
    "{% endif %}"
    "{% if message['role'] in openings %}"
    "{{ '[unused9]' + openings[message['role']] + message['content'] + '[unused10]' }}"
    "{% endif %}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '[unused9]助手：' }}{% endif %}";

}  // namespace pangu::text
