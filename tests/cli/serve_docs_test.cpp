// SPDX-License-Identifier: Apache-2.0
// Every example of docs/server.md, sent to a server as it stands there; and there is one for every
// path that takes a body.
#include <set>

#include "serve/testing/http_client.h"
#include "tests/cli/program.h"
#include "tests/support/doc_examples.h"

namespace pangu {
namespace {

/// The paths of the table that are asked with POST.
std::set<std::string> documented_posts(const std::string& text) {
  std::set<std::string> out;
  for (auto row = text.find("\n| `"); row != std::string::npos; row = text.find("\n| `", row + 1)) {
    const std::string cell = text.substr(row + 3, text.find(" |", row + 3) - row - 3);
    bool posts = false;
    for (auto at = cell.find('`'); at != std::string::npos; at = cell.find('`', at)) {
      const auto end = cell.find('`', at + 1);
      std::string path = cell.substr(at + 1, end - at - 1);
      at = end + 1;
      const auto space = path.find(' ');
      if (space != std::string::npos) {
        posts = path.starts_with("POST");
        path = path.substr(space + 1);
      }
      if (posts) out.insert(path);
    }
  }
  return out;
}

TEST(CliServeDocs, ExamplesAreAnsweredAndEveryPathHasOne) {
  const std::string text = test::read_file(PANGU_SOURCE "/docs/server.md");
  test::LiveProgram program({"serve", "pangu-nano", "--port", "0"}, test::LiveProgram::On::kPipe);
  program.wait_for("Ctrl-C");
  const std::string& out = program.output();
  const auto port = static_cast<std::uint16_t>(std::stoi(out.substr(out.find("127.0.0.1:") + 10)));
  std::set<std::string> missing = documented_posts(text);
  EXPECT_GT(missing.size(), 8u);
  for (const test::DocExample& example : test::doc_examples(text)) {
    const auto answer =
        test::ask(port, example.body.empty() ? "GET" : "POST", example.path, example.body);
    EXPECT_EQ(answer.status, 200) << example.path << ": " << answer.body;
    EXPECT_EQ(answer.headers.contains("pangu-ignored"), false) << example.path;
    missing.erase(example.path);
  }
  EXPECT_EQ(missing, std::set<std::string>());
}

/// Whether an option stands in a text, and not as the beginning of a longer one.
bool names_option(const std::string& text, const std::string& option) {
  for (auto at = text.find(option); at != std::string::npos; at = text.find(option, at + 1)) {
    const char next = text[at + option.size()];
    if (next != '-' && (next < 'a' || next > 'z')) return true;
  }
  return false;
}

TEST(CliServeDocs, NameOnlyOptionsThatThereAre) {
  const std::string text = test::read_file(PANGU_SOURCE "/docs/server.md");
  const std::string help = test::run_program({"serve", "--help"}).out;
  int options = 0;
  for (auto at = text.find("`--"); at != std::string::npos; at = text.find("`--", at + 1)) {
    const auto end = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz-", at + 1);
    const std::string option = text.substr(at + 1, end - at - 1);
    // Of the load generator.
    if (option == "--shared" || option == "--turns" || option == "--rate") continue;
    EXPECT_TRUE(names_option(help, option)) << option;
    ++options;
  }
  EXPECT_GT(options, 20);
}

}  // namespace
}  // namespace pangu
