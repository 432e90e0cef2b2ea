// SPDX-License-Identifier: Apache-2.0
#include "serve/observed_exchange.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace pangu::serve {
namespace {

constexpr int kClientGone = 499;

class ObservedExchange final : public Exchange {
 public:
  ObservedExchange(ExchangePtr inner, Headers headers, std::function<void(const Outcome&)> told)
      : inner_(std::move(inner)), headers_(std::move(headers)), told_(std::move(told)) {}

  ~ObservedExchange() override {
    if (outcome_.status == 0) outcome_.status = 500;  // as the connection says
    tell();
  }

  void respond(HttpResponse response) override {
    add_headers(response);
    outcome_.status = response.status;
    outcome_.bytes = response.body.size();
    outcome_.first_byte_s = watch_.seconds();
    // First, so that whoever has the answer finds it counted.
    tell();
    inner_->respond(std::move(response));
  }
  void begin(HttpResponse head, std::string_view keep_alive) override {
    add_headers(head);
    outcome_.status = head.status;
    inner_->begin(std::move(head), keep_alive);
  }
  void write(std::string_view data) override {
    if (outcome_.bytes == 0) outcome_.first_byte_s = watch_.seconds();
    outcome_.bytes += data.size();
    inner_->write(data);
  }
  void end() override {
    tell();
    inner_->end();
  }
  std::stop_token gone() const override { return inner_->gone(); }

 private:
  void add_headers(HttpResponse& response) {
    std::ranges::copy(headers_, std::back_inserter(response.headers));
  }

  void tell() {
    if (!told_) return;
    if (inner_->gone().stop_requested()) outcome_.status = kClientGone;
    outcome_.seconds = watch_.seconds();
    std::exchange(told_, nullptr)(outcome_);
  }

  ExchangePtr inner_;
  Headers headers_;
  std::function<void(const Outcome&)> told_;
  Stopwatch watch_;
  Outcome outcome_;
};

}  // namespace

ExchangePtr observed(ExchangePtr inner, Headers headers, std::function<void(const Outcome&)> told) {
  return std::make_shared<ObservedExchange>(std::move(inner), std::move(headers), std::move(told));
}

}  // namespace pangu::serve
