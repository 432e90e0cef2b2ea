// SPDX-License-Identifier: Apache-2.0
// The replies to one request, from asking the model to the last byte. A protocol says how tokens
// and ends look (Protocol below); this is what all protocols have in common: several choices, a
// stream or one body, errors before and within a stream, clients that go away.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/ordered_json.h"
#include "pangu/chat.h"
#include "pangu/generation.h"
#include "serve/api/thinking_requests.h"
#include "serve/api_error.h"
#include "serve/http/exchange.h"
#include "serve/scheduler/served_model.h"

namespace pangu::serve {

/// What one choice of a request came to.
struct Choice {
  Json route = {};  ///< ReplyContext::route
  std::optional<Generation> generation;
  std::vector<GeneratedToken> tokens;     ///< where the protocol keeps them
  double first_token_s = 0, seconds = 0;  ///< since the request, its wait included
};

/// How a protocol answers. Called from the thread of the model, one call at a time.
class Protocol {
 public:
  virtual ~Protocol() = default;

  // A stream: text that is sent as it is; empty for nothing.
  virtual std::string content_type() const { return "text/event-stream"; }
  virtual std::string_view keep_alive() const { return kSseComment; }
  virtual std::string stream_begin() = 0;
  virtual std::string stream_token(std::size_t choice, const GeneratedToken& token) = 0;
  virtual std::string stream_choice_end(std::size_t choice, const Generation& generation) = 0;
  virtual std::string stream_end(const std::vector<Choice>& choices) = 0;
  virtual std::string stream_error(const ApiError& error) = 0;

  /// Whether the tokens of a choice are kept for whole(): for log-probabilities.
  virtual bool keeps_tokens() const { return false; }
  virtual OrderedJson whole(const std::vector<Choice>& choices) = 0;
};

/// One reply that a request asks for.
struct ReplyOrder {
  std::vector<TokenId> prompt;
  GenerateOptions options;
};

/// Who asks, and what goes with the answer.
struct ReplyContext {
  ExchangePtr exchange;
  std::string client;      ///< whose turn it takes
  std::string cache_salt;  ///< with whom else, beside that of the request, it shares prompts
  int priority = 0;        ///< lower ones go first
  std::optional<Deadline> deadline = {};
  Headers headers;                        ///< of the answer
  std::optional<Thinking> thinking = {};  ///< that was chosen where the request says nothing
  Json route = {};                        ///< for timings: what was decided of NAME:auto
  bool stream = false;
  ErrorForm error_form = error_response;                   ///< where no stream began
  std::function<void(const std::vector<Choice>&)> on_end;  ///< for the books
  std::shared_ptr<ThinkingRequests>
      thinking_requests;  ///< where replies listen for the end of theirs
};

/// Asks for the replies and answers as they come. Throws ApiError where the model takes no more:
/// nothing is answered then.
void run_replies(ServedModel& model, std::vector<ReplyOrder> orders,
                 std::unique_ptr<Protocol> protocol, ReplyContext context);

}  // namespace pangu::serve
