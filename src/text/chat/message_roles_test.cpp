// SPDX-License-Identifier: Apache-2.0
#include "text/chat/message_roles.h"

#include <gmock/gmock.h>

#include "pangu/error.h"
#include "tests/support/support.h"
#include "text/chat/chat_template.h"

namespace pangu {
namespace {

/// As ChatML: writes whatever the role is.
constexpr std::string_view kAnyRole =
    "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}";
/// As most others: a chain of comparisons.
constexpr std::string_view kThreeRoles =
    "{% for m in messages %}{% if m.role == 'user' %}U:{{ m.content }}"
    "{% elif m['role'] == \"ipython\" %}I:{{ m.content }}"
    "{% elif m.role == 'assistant' %}A:{{ m.content }}{% endif %}{% endfor %}";

std::string rendered(std::string_view source, const std::string& role) {
  const std::vector<Message> messages = {{"user", "a"}, {role, "b"}};
  return ChatTemplate::parse(source, {.origin = "t.jinja"}).render(messages);
}

std::string rendered_json(std::string_view source, const char* messages) {
  std::string text;
  for (const Segment& s : ChatTemplate::parse(source, {.origin = "t.jinja"})
                              .render_messages(ChatJson::parse(messages))) {
    text += s.text;
  }
  return text;
}

TEST(MessageRoles, ThatAreKnownOrNamedOrWrittenAreTaken) {
  EXPECT_EQ(rendered(kThreeRoles, "assistant"), "U:aA:b");
  EXPECT_EQ(rendered(kThreeRoles, "ipython"), "U:aI:b");
  EXPECT_EQ(rendered(kThreeRoles, "tool"), "U:a");  // the template's own choice
  EXPECT_EQ(rendered(kAnyRole, "developer"), "<user>a<developer>b");
  EXPECT_EQ(rendered(kAnyRole, "tool"), "<user>a<tool>b");
  EXPECT_EQ(rendered(kAnyRole, "user_2"), "<user>a<user_2>b");
  EXPECT_EQ(rendered(kAnyRole, "assistant3"), "<user>a<assistant3>b");
}

TEST(MessageRoles, AreLostThoughTheirNameStandsElsewhere) {
  // In another message, and in quotes in the template.
  PANGU_EXPECT_ERROR(rendered_json(kThreeRoles, R"([{"role": "developer", "content": "be brief"},
                                     {"role": "user", "content": "I am a developer"}])"),
                     InputError, "message 1", "'developer'", "leaves it out");
  constexpr std::string_view kNames =
      "{% for m in messages %}{% if m.role == 'user' %}{{ m['content'] }}{% endif %}"
      "{% endfor %}{{ {'type': 'function'} }}";
  PANGU_EXPECT_ERROR(rendered(kNames, "function"), InputError, "message 2", "leaves it out");
  PANGU_EXPECT_ERROR(rendered(kNames, "content"), InputError, "message 2", "leaves it out");
}

TEST(MessageRoles, ThatWouldBeLostAreRefused) {
  PANGU_EXPECT_ERROR(rendered(kThreeRoles, "usr"), InputError, "message 2 has the role 'usr'",
                     "Did you mean user?", "system, user, assistant, tool");
  PANGU_EXPECT_ERROR(rendered(kThreeRoles, "developer"), InputError, "message 2", "'developer'",
                     "t.jinja leaves it out");
  // Written, but surely not meant.
  PANGU_EXPECT_ERROR(rendered(kAnyRole, "asistant"), InputError, "Did you mean assistant?");
  PANGU_EXPECT_ERROR(rendered(kAnyRole, "User"), InputError, "Did you mean user?");
  PANGU_EXPECT_ERROR(rendered(kAnyRole, ""), InputError, "message 2", "empty");
}

TEST(MessageRoles, AndContentMustBeThere) {
  PANGU_EXPECT_ERROR(rendered_json(kAnyRole, R"([{"content": "a"}])"), InputError,
                     "message 1 has no 'role'");
  PANGU_EXPECT_ERROR(rendered_json(kAnyRole, R"([{"role": 3, "content": "a"}])"), InputError,
                     "message 1", "number");
  PANGU_EXPECT_ERROR(rendered_json(kAnyRole, R"([{"role": "user"}])"), InputError,
                     "message 1 has no 'content'");
  EXPECT_EQ(rendered_json(kAnyRole, R"([{"role": "assistant", "tool_calls": []}])"), "<assistant>");
  EXPECT_EQ(rendered_json(kThreeRoles, R"([{"role": "user", "content": null}])"), "U:None");
}

}  // namespace
}  // namespace pangu
