// SPDX-License-Identifier: Apache-2.0
// The prompts of openPangu-Embedded: the chat template of tokenizers that are made here, and the
// one that prompts with tools are written with, whoever made the tokenizer.
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

/// The same, and tools: published templates of the family have no place for them, and its models
/// find them where the authors' own agents put them, in the system turn, as JSON between <tools>
/// and </tools>, with the form of a call behind (openPangu-Embedded-7B-DeepDiver, 2025). Calls
/// follow the text of the assistant between [unused11] and [unused12].
inline constexpr std::string_view kOpenPanguToolTemplate =
    "{% set openings = {'system': '系统：', 'user': '用户：', 'assistant': '助手：', "
    "'tool': '工具：', 'function': '方法：'} %}"
    "{% macro tool_list() %}"
    "{{ '# Tools\n\nDescriptions of the tools that you can call, and the arguments they take:\n"
    "<tools>' }}"
    "{% for tool in tools %}"
    "{{ '\n' }}{{ (tool.function if tool.function is mapping else tool) | tojson }}"
    "{% endfor %}"
    "{{ '\n</tools>\n\nTo call tools, write a JSON list of names and arguments:\n' }}"
    "{{ '[unused11][{\"name\": <name of the tool>, \"arguments\": <JSON object>}][unused12]' }}"
    "{% endmacro %}"
    "{% for message in messages %}"
    "{% if loop.first and message['role'] != 'system' %}"
    "{% if tools %}{{ '[unused9]系统：' }}{{ tool_list() }}{{ '[unused10]' }}"
    "{% else %}{{ '[unused9]系统：[unused10]' }}{% endif %}"
    "{% endif %}"
    "{% if message['role'] in openings %}"
    "{{ '[unused9]' + openings[message['role']] }}{{ message['content'] or '' }}"
    "{% if loop.first and message['role'] == 'system' and tools %}"
    "{{ '\n\n' }}{{ tool_list() }}"
    "{% endif %}"
    "{% if message['tool_calls'] %}"
    "{{ '[unused11][' }}"
    "{% for call in message['tool_calls'] %}"
    "{% set function = call.function if call.function is mapping else call %}"
    "{{ '{\"name\": ' }}{{ function.name | tojson }}{{ ', \"arguments\": ' }}"
    "{{ function.arguments if function.arguments is string else "
    "(function.arguments or {}) | tojson }}{{ '}' }}"
    "{% if not loop.last %}{{ ', ' }}{% endif %}"
    "{% endfor %}"
    "{{ '][unused12]' }}"
    "{% endif %}"
    "{{ '[unused10]' }}"
    "{% endif %}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '[unused9]助手：' }}{% endif %}";

}  // namespace pangu::text
