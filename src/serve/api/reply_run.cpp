// SPDX-License-Identifier: Apache-2.0
#include "serve/api/reply_run.h"

#include <fmt/format.h>

#include <utility>

#include "base/resources.h"

namespace pangu::serve {
namespace {

class ReplyRun : public std::enable_shared_from_this<ReplyRun> {
 public:
  ReplyRun(std::unique_ptr<Protocol> protocol, ReplyContext context, std::size_t choices)
      : protocol_(std::move(protocol)),
        context_(std::move(context)),
        choices_(choices),
        left_(choices),
        forward_(context_.exchange->gone(), [this] { cancel_.request_stop(); }) {
    for (Choice& choice : choices_) choice.route = context_.route;
  }

  ReplyJobPtr job(std::size_t choice, ReplyOrder order) {
    auto out = std::make_unique<ReplyJob>();
    out->prompt = std::move(order.prompt);
    out->options = std::move(order.options);
    out->options.cancel = cancel_.get_token();
    if (!context_.cache_salt.empty()) {  // a key's, in front of what the client says
      out->options.cache_salt = fmt::format("{}:{}{}", context_.cache_salt.size(),
                                            context_.cache_salt, out->options.cache_salt);
    }
    out->client = context_.client;
    out->priority = context_.priority;
    out->deadline = context_.deadline;
    const auto run = shared_from_this();
    out->on_token = [run, choice](const GeneratedToken& token) { run->token(choice, token); };
    out->on_done = [run, choice](const Generation& g) { run->done(choice, g); };
    out->on_error = [run](const std::exception_ptr& error) { run->failed(as_api_error(error)); };
    return out;
  }

  void begin() {
    if (!context_.stream) return;
    HttpResponse head{.status = 200,
                      .content_type = protocol_->content_type(),
                      .headers = std::move(context_.headers),
                      .body = {}};
    head.headers.emplace_back("cache-control", "no-cache");
    context_.exchange->begin(std::move(head), protocol_->keep_alive());
    context_.exchange->write(protocol_->stream_begin());
  }

 private:
  void token(std::size_t choice, const GeneratedToken& token) {
    if (failed_) return;
    if (choices_[choice].first_token_s == 0) choices_[choice].first_token_s = watch_.seconds();
    if (context_.stream) context_.exchange->write(protocol_->stream_token(choice, token));
    if (protocol_->keeps_tokens()) choices_[choice].tokens.push_back(token);
  }

  void done(std::size_t choice, const Generation& generation) {
    if (failed_) return;
    if (generation.finish_reason == FinishReason::kCancelled &&
        !context_.exchange->gone().stop_requested()) {
      return failed(unavailable("The reply was ended before it was complete."));
    }
    choices_[choice].generation = generation;
    choices_[choice].seconds = watch_.seconds();
    if (context_.stream) {
      context_.exchange->write(protocol_->stream_choice_end(choice, generation));
    }
    if (--left_ == 0) end();
  }

  void end() {
    if (context_.on_end) context_.on_end(choices_);
    if (context_.stream) {
      context_.exchange->write(protocol_->stream_end(choices_));
      context_.exchange->end();
    } else {
      context_.exchange->respond({.status = 200,
                                  .content_type = "application/json",
                                  .headers = std::move(context_.headers),
                                  .body = json_text(protocol_->whole(choices_))});
    }
  }

  void failed(const ApiError& error) {
    if (std::exchange(failed_, true)) return;
    cancel_.request_stop();
    if (context_.on_end) context_.on_end(choices_);
    if (context_.stream) {
      context_.exchange->write(protocol_->stream_error(error));
      context_.exchange->end();
    } else {
      context_.exchange->respond(context_.error_form(error));
    }
  }

  std::unique_ptr<Protocol> protocol_;
  ReplyContext context_;
  std::vector<Choice> choices_;
  std::size_t left_;
  bool failed_ = false;
  Stopwatch watch_;
  std::stop_source cancel_;
  std::stop_callback<std::function<void()>> forward_;
};

}  // namespace

void run_replies(ServedModel& model, std::vector<ReplyOrder> orders,
                 std::unique_ptr<Protocol> protocol, ReplyContext context) {
  const auto run =
      std::make_shared<ReplyRun>(std::move(protocol), std::move(context), orders.size());
  std::vector<ReplyJobPtr> jobs;
  for (std::size_t i = 0; i < orders.size(); ++i) jobs.push_back(run->job(i, std::move(orders[i])));
  model.submit(std::move(jobs), [&] { run->begin(); });
}

}  // namespace pangu::serve
