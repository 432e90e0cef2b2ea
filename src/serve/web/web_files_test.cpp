// SPDX-License-Identifier: Apache-2.0
// The embedded page: complete, found by path, and without anything that its policy forbids.
#include "serve/web/web_files.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace pangu::serve {
namespace {

TEST(WebFiles, AreSortedAndComplete) {
  const auto files = web_files();
  ASSERT_GT(files.size(), 10u);
  EXPECT_TRUE(std::ranges::is_sorted(files, {}, &EmbeddedFile::path));
  EXPECT_EQ(std::ranges::adjacent_find(files, {}, &EmbeddedFile::path), files.end());
  for (const EmbeddedFile& file : files) {
    SCOPED_TRACE(std::string(file.path));
    EXPECT_TRUE(file.path.starts_with('/'));
    EXPECT_FALSE(file.content_type.empty());
    EXPECT_FALSE(file.bytes.empty());
    EXPECT_EQ(file.etag.size(), 18u);
    EXPECT_TRUE(file.etag.starts_with('"') && file.etag.ends_with('"'));
  }
}

TEST(WebFiles, AreFoundByTheirPath) {
  for (const EmbeddedFile& file : web_files()) EXPECT_EQ(find_web_file(file.path), &file);
  ASSERT_NE(find_web_file("/"), nullptr);
  EXPECT_EQ(find_web_file("/")->path, "/index.html");
  EXPECT_EQ(find_web_file("/")->content_type, "text/html; charset=utf-8");
  for (const char* path :
       {"", "/nothing", "/index.htm", "/index.html/", "//index.html", "/js", "/~"}) {
    EXPECT_EQ(find_web_file(path), nullptr) << path;
  }
}

TEST(WebFiles, HoldTheBytesOfTheirSources) {
  const EmbeddedFile* page = find_web_file("/index.html");
  ASSERT_NE(page, nullptr);
  EXPECT_TRUE(page->bytes.starts_with("<!doctype html>"));
  EXPECT_TRUE(page->bytes.ends_with("</html>\n"));
  ASSERT_NE(find_web_file("/lib/index.json"), nullptr);
  EXPECT_TRUE(find_web_file("/lib/index.json")->bytes.starts_with("{"));
}

TEST(WebFiles, PagesHaveNoScriptOrStyleInline) {
  for (const char* path : {"/index.html", "/status.html"}) {
    const EmbeddedFile* page = find_web_file(path);
    ASSERT_NE(page, nullptr) << path;
    for (const char* forbidden :
         {"<style", " style=", " onclick=", "<script>", "javascript:", "http://"}) {
      EXPECT_EQ(page->bytes.find(forbidden), std::string_view::npos) << path << ": " << forbidden;
    }
  }
}

TEST(WebFiles, HeadersForbidWhatIsInline) {
  const auto headers = web_headers();
  const auto policy = std::ranges::find(headers, "Content-Security-Policy", &WebHeader::name);
  ASSERT_NE(policy, headers.end());
  EXPECT_NE(policy->value.find("default-src 'none'"), std::string_view::npos);
  EXPECT_EQ(policy->value.find("unsafe"), std::string_view::npos);
  for (const WebHeader& header : headers) {
    EXPECT_EQ(header.value.find_first_of("\r\n"), std::string_view::npos) << header.name;
  }
}

}  // namespace
}  // namespace pangu::serve
