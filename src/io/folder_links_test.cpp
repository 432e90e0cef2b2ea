// SPDX-License-Identifier: Apache-2.0
#include "io/folder_links.h"

#include <gtest/gtest.h>

#include "pangu/error.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

namespace fs = std::filesystem;

class FolderLinks : public testing::Test {
 protected:
  fs::path link(const std::string& name, const fs::path& target) {
    fs::create_directories((scratch_ / name).parent_path());
    fs::create_symlink(target, scratch_ / name);
    return scratch_ / name;
  }
  test::ScratchDir scratch_;
};

TEST_F(FolderLinks, FilesAndLinksWithinTheFolderAreItsOwn) {
  test::write_file(scratch_ / "model/LICENSE", "x");
  test::write_file(scratch_ / "model/deep/a.jinja", "x");
  const fs::path model = scratch_ / "model";
  EXPECT_NO_THROW(require_own_file(model, model / "LICENSE"));
  EXPECT_NO_THROW(require_own_file(model, link("model/NOTICE", "LICENSE")));
  EXPECT_NO_THROW(require_own_file(model, link("model/b.jinja", model / "deep/a.jinja")));
  const fs::path other = link("other", model);  // the folder itself may be a link
  EXPECT_NO_THROW(require_own_file(other, other / "NOTICE"));
}

TEST_F(FolderLinks, TheHubsCacheIsItsOwn) {
  test::write_file(scratch_ / "hub/blobs/0a1b", "x");
  test::write_file(scratch_ / "hub/blobs/deeper/0a1b", "x");
  test::write_file(scratch_ / "hub/snapshots/rev/config.json", "{}");
  const fs::path model = scratch_ / "hub/snapshots/rev";
  EXPECT_NO_THROW(require_own_file(model, link("hub/snapshots/rev/LICENSE", "../../blobs/0a1b")));
  EXPECT_NO_THROW(
      require_own_file(model, link("hub/snapshots/rev/templates/a.jinja", "../../../blobs/0a1b")));
  EXPECT_THROW(require_own_file(model, link("hub/snapshots/rev/NOTICE", "../../blobs/deeper/0a1b")),
               FileError);
  // Only of a snapshot.
  EXPECT_THROW(require_own_file(scratch_ / "hub/a/b", link("hub/a/b/LICENSE", "../../blobs/0a1b")),
               FileError);
}

TEST_F(FolderLinks, WhatLeadsOutOrNowhereIsNamed) {
  test::write_file(scratch_ / "secret", "x");
  test::write_file(scratch_ / "models/a.jinja", "x");
  test::write_file(scratch_ / "model/config.json", "{}");
  const fs::path model = scratch_ / "model";
  const auto expect_refused = [&](const fs::path& file, const char* why) {
    PANGU_EXPECT_ERROR(require_own_file(model, file), FileError, file.string(), std::string(why));
  };
  expect_refused(link("model/LICENSE", "../secret"), "secret. Links may");
  expect_refused(link("model/chain", "LICENSE"), "secret");
  expect_refused(link("model/NOTICE", "gone"), "does what it leads to exist");
  // A folder whose name begins like the model's is another one.
  expect_refused(link("model/a.jinja", "../models/a.jinja"), "models/a.jinja");
  link("model/templates", "../models");
  expect_refused(model / "templates/a.jinja", "models/a.jinja");
}

}  // namespace
}  // namespace pangu
