// SPDX-License-Identifier: Apache-2.0
// Models behind a free port of this process, for tests.
#pragma once

#include <memory>
#include <string_view>
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

}  // namespace pangu::test
