// SPDX-License-Identifier: Apache-2.0
// Models behind a free port of this process, for tests.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "serve/http/http_server.h"
#include "serve/service.h"
#include "serve/testing/http_client.h"

namespace pangu::test {

/// Ready once it is made: passes on what loading threw.
class ServedPort {
 public:
  ServedPort(const std::vector<serve::ModelSource>& sources, serve::ModelSetOptions models,
             serve::ServiceOptions options = {})
      : models_(sources, std::move(models)),
        service_(models_, std::move(options)),
        server_(any_port(), [this](serve::HttpRequest request, serve::ExchangePtr exchange) {
          service_.handle(std::move(request), std::move(exchange));
        }) {
    models_.wait_until_loaded();
  }
  ~ServedPort() {
    server_.stop();
    models_.stop();  // whose replies tell the service how they ended
  }
  ServedPort(const ServedPort&) = delete;
  ServedPort& operator=(const ServedPort&) = delete;

  serve::ModelSet& models() { return models_; }
  std::uint16_t port() const { return server_.port(); }

  ClientResponse get(std::string_view path, std::string_view headers = {}) const {
    return ask(port(), "GET", path, {}, headers);
  }
  ClientResponse post(std::string_view path, const Json& body,
                      std::string_view headers = {}) const {
    return ask(port(), "POST", path, body.dump(), headers);
  }

 private:
  static serve::HttpServerOptions any_port() {
    serve::HttpServerOptions out;
    out.port = 0;
    return out;
  }

  serve::ModelSet models_;
  serve::Service service_;
  serve::HttpServer server_;
};

/// What the only model does, once nothing is left to do.
inline serve::ModelStatus idle_status(serve::ModelSet& models) {
  for (int i = 0; i < 2000; ++i) {
    const serve::ModelStatus status = models.entries()[0].status;
    if (status.running == 0 && status.waiting == 0) return status;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  ADD_FAILURE() << "something is left to do";
  return {};
}

}  // namespace pangu::test
