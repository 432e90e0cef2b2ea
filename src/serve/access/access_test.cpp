// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "pangu/error.h"
#include "serve/access/api_keys.h"
#include "serve/access/origin_check.h"
#include "tests/support/support.h"

namespace pangu::serve {
namespace {

using testing::HasSubstr;

HttpRequest with(Headers headers) {
  return {.method = "GET", .path = "/", .headers = std::move(headers)};
}

class KeyFiles : public testing::Test {
 protected:
  std::filesystem::path file(const std::string& text, bool is_private = true) {
    const auto path = scratch_.path() / "keys";
    std::ofstream(path) << text;
    namespace fs = std::filesystem;
    fs::permissions(path, is_private ? fs::perms::owner_read | fs::perms::owner_write
                                     : fs::perms::owner_read | fs::perms::others_read);
    return path;
  }

  std::string message(const std::string& text, bool is_private = true) {
    try {
      ApiKeys::read(file(text, is_private));
    } catch (const FileError& error) {
      return error.what();
    }
    return {};
  }

  test::ScratchDir scratch_;
};

TEST_F(KeyFiles, KeysAreFoundInEitherHeader) {
  const ApiKeys keys =
      ApiKeys::read(file("# those who may\n\nsecret-one\nsecret-two metrics grafana\nsecret-three "
                         "inference,metrics all\n"));
  EXPECT_TRUE(keys.are_needed());
  const ApiKey* one = keys.find(with({{"authorization", "Bearer secret-one"}}));
  ASSERT_NE(one, nullptr);
  EXPECT_EQ(one->name, "key-1");
  EXPECT_THAT(one->scopes, testing::ElementsAre(Scope::kInference, Scope::kMetrics));
  const ApiKey* two = keys.find(with({{"x-api-key", "secret-two"}}));
  ASSERT_NE(two, nullptr);
  EXPECT_EQ(two->name, "grafana");
  EXPECT_THAT(two->scopes, testing::ElementsAre(Scope::kMetrics));
  EXPECT_NE(keys.find(with({{"authorization", "bearer secret-three"}})), nullptr);
  for (const char* wrong : {"Bearer secret-on", "Bearer secret-onee", "Basic secret-one",
                            "secret-one", "Bearer ", ""}) {
    EXPECT_EQ(keys.find(with({{"authorization", wrong}})), nullptr) << wrong;
  }
  EXPECT_EQ(keys.find(with({})), nullptr);
}

TEST_F(KeyFiles, FilesThatAreWrongAreRefused) {
  EXPECT_THAT(message("short\n"), HasSubstr("keys line 1"));
  EXPECT_THAT(message("long-enough admin\n"), HasSubstr("admin"));
  EXPECT_THAT(message("# nothing\n"), HasSubstr("has no key"));
  EXPECT_THAT(message("long-enough\n", false), HasSubstr("chmod 600"));
  EXPECT_THROW(ApiKeys::read("/nonexistent"), FileError);
}

TEST(Origins, HostsAreAddressesLocalNamesAndThoseAllowed) {
  const OriginCheck check({.hosts = {"gpu.example.org"}, .origins = {}});
  for (const char* host : {"localhost", "localhost:8080", "LOCALHOST:1", "127.0.0.1:8080",
                           "[::1]:8080", "192.168.0.7", "app.localhost", "gpu.example.org:443"}) {
    EXPECT_FALSE(check.refusal(with({{"host", host}}))) << host;
  }
  for (const char* host : {"evil.org", "localhost.evil.org", "127.0.0.1.evil.org", "evil.org:8080",
                           "gpu.example.org.evil.org", "0x7f000001"}) {
    EXPECT_TRUE(check.refusal(with({{"host", host}}))) << host;
  }
  EXPECT_FALSE(OriginCheck({.hosts = {"*"}, .origins = {}}).refusal(with({{"host", "evil.org"}})));
}

TEST(Origins, PagesOfOthersAreRefusedUnlessNamed) {
  const OriginCheck check({.hosts = {}, .origins = {"https://chat.example.org"}});
  EXPECT_FALSE(
      check.refusal(with({{"host", "localhost:8080"}, {"origin", "http://localhost:8080"}})));
  for (const char* origin : {"http://evil.org", "http://localhost:3000", "null",
                             "https://chat.example.org.evil.org", "http://chat.example.org"}) {
    EXPECT_TRUE(check.refusal(with({{"host", "localhost:8080"}, {"origin", origin}}))) << origin;
  }
  const HttpRequest named =
      with({{"host", "localhost:8080"}, {"origin", "https://chat.example.org"}});
  EXPECT_FALSE(check.refusal(named));
  EXPECT_THAT(
      check.answer_headers(named),
      testing::Contains(testing::Pair("access-control-allow-origin", "https://chat.example.org")));
  EXPECT_TRUE(check.answer_headers(with({{"origin", "http://evil.org"}})).empty());
}

}  // namespace
}  // namespace pangu::serve
