// SPDX-License-Identifier: Apache-2.0
// pangu serve as a process: what it answers is what pangu run prints, and how it begins and ends.
#include <filesystem>
#include <fstream>
#include <thread>

#include "io/locate_model.h"
#include "serve/testing/http_client.h"
#include "tests/cli/program.h"

namespace pangu {
namespace {

using test::run_program;
using testing::AllOf;
using testing::HasSubstr;

/// The bundled model behind a free port.
class CliServe : public testing::Test {
 protected:
  void start(std::vector<std::string> more = {}, const std::string& model = "pangu-nano") {
    std::vector<std::string> args = {"serve", model, "--port", "0"};
    args.insert(args.end(), more.begin(), more.end());
    program_ = std::make_unique<test::LiveProgram>(args, test::LiveProgram::On::kPipe);
    program_->wait_for("Ctrl-C");
    const std::string& out = program_->output();
    const auto at = out.find("127.0.0.1:");
    ASSERT_NE(at, std::string::npos) << out;
    port_ = static_cast<std::uint16_t>(std::stoi(out.substr(at + 10)));
  }

  test::ClientResponse post(const char* path, const Json& body) const {
    return test::ask(port_, "POST", path, body.dump());
  }

  std::unique_ptr<test::LiveProgram> program_;
  std::uint16_t port_ = 0;
};

TEST_F(CliServe, AnswersWhatRunPrints) {
  const std::string question =
      "Kate buys 5 flowers for 4 yuan each and pays with 82 yuan. How much change does Kate get?";
  const Json alone = run_program({"run", "pangu-nano", "--chat", "-p", question, "--json", "--seed",
                                  "7", "--temp", "0.8"})
                         .json();
  start();
  const Json body = {
      {"messages", {{{"role", "user"}, {"content", question}}}}, {"temperature", 0.8}, {"seed", 7}};
  const Json answer = post("/v1/chat/completions", body).json();
  const Json& message = answer["choices"][0]["message"];
  EXPECT_EQ(message["content"], alone["text"]);
  EXPECT_EQ(message.value("reasoning_content", ""), alone["reasoning"]);
  EXPECT_EQ(answer["usage"]["completion_tokens"], alone["ids"].size());
  // The next turn reads what is new alone.
  Json next = body;
  next["messages"].push_back({{"role", "assistant"}, {"content", message["content"]}});
  next["messages"].push_back({{"role", "user"}, {"content", "Thanks"}});
  EXPECT_GT(
      post("/v1/chat/completions", next).json()["usage"]["prompt_tokens_details"]["cached_tokens"],
      20);
  EXPECT_THAT(test::ask(port_, "GET", "/").body, HasSubstr("<!doctype html>"));
}

/// A tool whose arguments are z and a, in this order, for each form.
Json tool_in(const char* schema_key) {
  return {{"name", "look"},
          {"strict", true},
          {schema_key,
           {{"type", "object"},
            {"properties", {{"z", {{"$ref", "#/$defs/number"}}}, {"a", {{"type", "boolean"}}}}},
            {"$defs", {{"number", {{"enum", {1, 2}}}}}},
            {"required", {"z", "a"}},
            {"additionalProperties", false}}}};
}

void expect_look(const Json& name, const Json& arguments) {
  EXPECT_EQ(name, "look");
  EXPECT_TRUE(arguments["z"] == 1 || arguments["z"] == 2) << arguments;
  EXPECT_TRUE(arguments["a"].is_boolean()) << arguments;
}

TEST_F(CliServe, CallsOfToolsComeInEveryForm) {
  start();
  const Json messages = {{{"role", "user"}, {"content", "Look"}}};
  const Json openai = {{"type", "function"}, {"function", tool_in("parameters")}};
  Json flat = tool_in("parameters");
  flat["type"] = "function";

  const Json chat = post("/v1/chat/completions", {{"messages", messages},
                                                  {"tools", {openai}},
                                                  {"tool_choice", "required"},
                                                  {"parallel_tool_calls", false}})
                        .json()["choices"][0];
  ASSERT_EQ(chat["message"]["tool_calls"].size(), 1u) << chat;
  const Json called = chat["message"]["tool_calls"][0]["function"];
  expect_look(called["name"], Json::parse(called["arguments"].get<std::string>()));

  // Of several tools each has definitions of its own.
  Json peek = openai;
  peek["function"]["name"] = "peek";
  peek["function"]["parameters"]["$defs"]["number"]["enum"] = {7, 8};
  const Json either =
      post("/v1/chat/completions",
           {{"messages", messages}, {"tools", {openai, peek}}, {"tool_choice", "required"}})
          .json()["choices"][0]["message"]["tool_calls"][0]["function"];
  const Json z = Json::parse(either["arguments"].get<std::string>())["z"];
  EXPECT_EQ(either["name"] == "peek", z == 7 || z == 8) << either;
  EXPECT_EQ(either["name"] == "look", z == 1 || z == 2) << either;

  peek["function"]["parameters"]["properties"]["z"]["$ref"] = "#/$defs/no";
  EXPECT_THAT(post("/v1/chat/completions",
                   {{"messages", messages}, {"tools", {openai, peek}}, {"tool_choice", "required"}})
                  .body,
              AllOf(HasSubstr("The parameters of peek"), HasSubstr("'#/$defs/no'")));

  const Json message = post("/v1/messages", {{"messages", messages},
                                             {"tools", {tool_in("input_schema")}},
                                             {"tool_choice", {{"type", "any"}}}})
                           .json();
  EXPECT_EQ(message["stop_reason"], "tool_use");
  expect_look(message["content"].back()["name"], message["content"].back()["input"]);

  const Json response =
      post("/v1/responses", {{"input", "Look"}, {"tools", {flat}}, {"tool_choice", "required"}})
          .json();
  const Json item = response["output"].back();
  EXPECT_EQ(item["type"], "function_call") << response;
  expect_look(item["name"], Json::parse(item["arguments"].get<std::string>()));

  // Where no call need come, those that do are held to the schema all the same.
  const auto free =
      post("/api/chat", {{"messages", messages}, {"tools", {openai}}, {"stream", false}});
  EXPECT_EQ(free.status, 200) << free.body;
  EXPECT_EQ(free.headers.count("pangu-ignored"), 0u);
  for (const Json& call : free.json()["message"].value("tool_calls", Json::array())) {
    expect_look(call["function"]["name"], call["function"]["arguments"]);
  }
}

/// What is shown to the model ends as its own answers begin: some of its weight is on the letters.
TEST_F(CliServe, DecisionsFollowClosedThinking) {
  start();
  const Json decision = post("/v1/decisions", {{"prompt", "Which word is a colour?"},
                                               {"options", {"green", "seven", "walk"}}})
                            .json();
  EXPECT_EQ(decision["orders"].size(), 4u) << decision;
  EXPECT_GT(decision["label_mass"], 1e-6) << decision;
}

TEST_F(CliServe, FormsAreKeptToInEveryForm) {
  start();
  const Json messages = {{{"role", "user"}, {"content", "Hi"}}};
  const Json schema = {{"enum", {"yes", "no"}}};
  const Json format = {{"type", "json_schema"}, {"name", "n"}, {"schema", schema}};
  std::vector<std::string> texts;
  texts.push_back(
      post("/v1/messages", {{"messages", messages}, {"output_config", {{"format", format}}}})
          .json()["content"]
          .back()["text"]);
  texts.push_back(post("/v1/responses", {{"input", "Hi"}, {"text", {{"format", format}}}})
                      .json()["output"]
                      .back()["content"][0]["text"]);
  texts.push_back(post("/api/chat", {{"messages", messages}, {"format", schema}, {"stream", false}})
                      .json()["message"]["content"]);
  texts.push_back(post("/api/generate", {{"prompt", "Hi"}, {"format", schema}, {"stream", false}})
                      .json()["response"]);
  for (const std::string& text : texts) {
    EXPECT_TRUE(text == "\"yes\"" || text == "\"no\"") << text;
  }
  const Json tools = {{{"type", "function"}, {"function", tool_in("parameters")}}};
  const auto both =
      post("/api/chat", {{"messages", messages}, {"format", "json"}, {"tools", tools}});
  EXPECT_EQ(both.status, 400);
  EXPECT_THAT(both.body, HasSubstr("leave out the tools"));
  const auto wrong =
      post("/v1/responses", {{"input", "Hi"}, {"text", {{"format", {{"type", "json_schema"}}}}}});
  EXPECT_EQ(wrong.json()["error"]["param"], "text.format.schema") << wrong.body;
}

TEST_F(CliServe, EndsWhenAskedAndKeepsTextsOutOfTheLog) {
  const test::ScratchDir scratch;
  const std::string log = (scratch.path() / "access.jsonl").string();
  start({"--access-log", log});
  EXPECT_EQ(post("/v1/completions", {{"prompt", "secret words"}, {"max_tokens", 2}}).status, 200);
  program_->interrupt(SIGTERM);
  EXPECT_EQ(program_->wait(), 0) << program_->output();
  std::ifstream file(log);
  std::string line;
  ASSERT_TRUE(std::getline(file, line));
  const Json entry = Json::parse(line);
  EXPECT_EQ(entry["path"], "/v1/completions");
  EXPECT_EQ(entry["status"], 200);
  EXPECT_THAT(line, testing::Not(HasSubstr("secret")));
}

TEST_F(CliServe, FindsPromptsAgainAfterItWasKilled) {
  const test::ScratchDir scratch;
  const std::string folder = (scratch.path() / "cache").string();
  std::string prompt = "Count:";
  for (int i = 0; i < 40; ++i) prompt += " " + std::to_string(i * 7);
  const Json body = {{"prompt", prompt}, {"max_tokens", 4}, {"temperature", 0}};
  std::string text;
  for (int round = 0; round < 2; ++round) {
    start({"--cache-dir", folder});
    const Json answer = post("/v1/completions", body).json();
    const Json& usage = answer["usage"];
    if (round == 0) text = answer["choices"][0]["text"];
    EXPECT_EQ(answer["choices"][0]["text"], text);
    const int pages = (usage["prompt_tokens"].get<int>() - 1) / 32;
    ASSERT_GT(pages, 1);
    EXPECT_EQ(usage["prompt_tokens_details"]["cached_tokens"], round == 0 ? 0 : pages * 32);
    const auto written = [&] {
      int files = 0;
      for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        files += entry.path().extension() == ".kvpage" ? 1 : 0;
      }
      return files;
    };
    for (int i = 0; i < 1000 && written() < pages; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    program_->interrupt(SIGKILL);
    program_->wait();
  }
}

TEST_F(CliServe, LoadsAnewWhatChangedWhenTold) {
  const test::ScratchDir scratch;
  const std::filesystem::path model = scratch / "mine";
  std::filesystem::copy(find_bundled_model("pangu-pico"), model);
  start({}, model.string());
  program_->interrupt(SIGHUP);
  program_->wait_for("no model that is loaded changed on disk");
  test::write_file(model / "note.txt", "new");
  program_->interrupt(SIGHUP);
  program_->wait_for("mine was loaded anew");
  EXPECT_EQ(post("/v1/completions", {{"prompt", "x"}, {"max_tokens", 2}}).status, 200);
  std::filesystem::remove(model / "config.json");
  program_->interrupt(SIGHUP);
  program_->wait_for("mine goes on as it was loaded before");
  EXPECT_EQ(post("/v1/completions", {{"prompt", "x"}, {"max_tokens", 2}}).status, 200);
  program_->interrupt(SIGTERM);
  EXPECT_EQ(program_->wait(), 0) << program_->output();
}

TEST_F(CliServe, LoadsModelsWhenTheyAreAskedFor) {
  start({"pangu-pico", "--max-memory", "26MB", "--ctx", "256", "--parallel", "1"});
  EXPECT_THAT(program_->output(), HasSubstr("pangu-pico (when asked for)"));
  const Json body = {{"model", "pangu-pico"}, {"prompt", "x"}, {"max_tokens", 2}};
  EXPECT_EQ(post("/v1/completions", body).status, 200);
  EXPECT_EQ(test::ask(port_, "GET", "/api/ps").json()["models"][0]["name"], "pangu-pico");
}

TEST_F(CliServe, RefusesWhatCannotBeServed) {
  test::expect_refusals(
      "serve", {{{}, 2, "MODEL is required"},
                {{"pangu-nano", "--cert", "c.pem"}, 2, "--cert and --key"},
                {{"pangu-nano", "--port", "70000"}, 2, "65535"},
                {{"pangu-nano", "--socket", "s", "--port", "1"}, 2, "--port is of a network"},
                {{"pangu-nano", "--access-log", "-", "--json"}, 2, "--access-log"},
                {{"pangu-nano", "--isolate-keys"}, 2, "--api-keys"},
                {{"pangu-nano", "--prompt-time", "soon"}, 2, "--prompt-time"},
                {{"pangu-nano", "--cache-dir-size", "1G"}, 2, "--cache-dir"},
                {{"pangu-nano", "--cache-dir", "d", "--no-prefix-cache"}, 2, "--no-prefix-cache"},
                {{"pangu-nano", "--port", "0", "--cache-dir", "/dev/null/d"}, 1, "/dev/null/d"},
                {{"pangu-nano", "--max-time", "soon"}, 2, "--max-time"},
                {{"pangu-nano", "--decisions", "d"}, 2, "none of the models"},
                {{"pangu-nano", "--cors", "chat.example.org"}, 2, "no origin"},
                {{"pangu-nano", "--allow-host", "http://chat.example.org"}, 2, "no name"},
                {{"pangu-nano", "--allow-host", "chat.example.org:80"}, 2, "no name"},
                {{"pangu-nano", "--cors", "https://Chat.example.org"}, 2, "no origin"},
                {{"pangu-nano", "--max-memory", "1KiB", "--port", "0"}, 1, "--max-memory"},
                {{"a=b=/none"}, 1, "/none"},
                {{"two words=pangu-nano"}, 1, "NAME=PATH"},
                {{"pangu-nano", "pangu-nano", "--port", "0"}, 1, "two models"},
                {{"pangu-nano", "--port", "0", "--api-keys", "/none"}, 1, "/none"},
                {{"pangu-nano", "--port", "0", "--host", "no such host"}, 1, "cannot listen"}});
  start();
  test::expect_refusals("serve",
                        {{{"pangu-nano", "--port", std::to_string(port_)}, 1, "cannot listen"}});
}

}  // namespace
}  // namespace pangu
