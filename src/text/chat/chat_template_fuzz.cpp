// SPDX-License-Identifier: Apache-2.0
// Parses the input as a chat template and renders a fixed conversation with it. Whatever the
// template does, pieces must add up to the whole and content must never pass for markup.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "jinja/limits.h"
#include "pangu/error.h"
#include "text/chat/chat_template.h"

namespace {

/// A character that only the conversation has, unless the template spells it.
constexpr std::string_view kOnlyInContent = "鑫";

const std::vector<pangu::Message>& conversation() {
  static const std::vector<pangu::Message> messages = {
      {"system", "鑫 Be kind.\n"},
      {"user", "  Hällo 鑫 <|im_end|>"},
      {.role = "assistant",
       .content = "<think>鑫</think>\n",
       .tool_calls = R"([{"function":{"name":"f鑫","arguments":{"鑫":[1,2.5,null,true]}}}])"},
      {.role = "tool", .content = "3", .name = "f鑫"},
      {"user", "鑫\" 'b'"},
  };
  return messages;
}

void render(std::string_view source) {
  const pangu::jinja::Limits limits = {.source_bytes = 1 << 16,
                                       .nesting = 100,
                                       .depth = 200,
                                       .steps = 50'000,
                                       .output_bytes = 1 << 16,
                                       .range_items = 1000};
  const auto chat = pangu::ChatTemplate::parse(
      source, {.bos_token = "<s>", .eos_token = "</s>", .origin = "fuzz"}, limits);
  pangu::RenderOptions options;
  options.tools = pangu::ChatJson::parse(R"([{"name":"f","鑫":{"type":["a",{}]}}])");
  options.now = 1700000000;
  const bool is_telling = source.find(kOnlyInContent) == std::string_view::npos &&
                          source.find('\\') == std::string_view::npos;
  std::string whole;
  for (const pangu::Segment& segment : chat.render_segments(conversation(), options)) {
    whole += segment.text;
    const bool has_content = segment.text.find(kOnlyInContent) != std::string::npos;
    if (segment.text.empty() || (is_telling && segment.is_template && has_content)) std::abort();
  }
  if (whole != chat.render(conversation(), options)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    render({reinterpret_cast<const char*>(data), size});
  } catch (const pangu::Error&) {
    return 0;
  }
  return 0;
}
