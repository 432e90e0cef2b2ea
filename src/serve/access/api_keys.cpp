// SPDX-License-Identifier: Apache-2.0
#include "serve/access/api_keys.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

#include "base/clipped.h"
#include "base/error.h"

namespace pangu::serve {
namespace {

constexpr std::size_t kShortestKey = 8;

using Digest = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

Digest digest(std::string_view text) {
  Digest out{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), out.data());
  return out;
}

bool same(std::string_view a, std::string_view b) {
  // Digests are of one length, so that neither length nor content shows in the time.
  const Digest x = digest(a), y = digest(b);
  return CRYPTO_memcmp(x.data(), y.data(), x.size()) == 0;
}

std::string_view given_key(const HttpRequest& request) {
  static constexpr std::string_view kBearer = "bearer ";
  const std::string_view authorization = request.header("authorization");
  const bool is_bearer =
      authorization.size() > kBearer.size() &&
      std::ranges::equal(authorization.substr(0, kBearer.size()), kBearer,
                         [](char a, char b) { return (a | 0x20) == (b | 0x20); });
  return is_bearer ? authorization.substr(kBearer.size()) : request.header("x-api-key");
}

std::set<Scope> parse_scopes(const std::string& text, const std::string& where) {
  std::set<Scope> out;
  std::istringstream names(text);
  for (std::string name; std::getline(names, name, ',');) {
    if (name == "inference") {
      out.insert(Scope::kInference);
    } else if (name == "metrics") {
      out.insert(Scope::kMetrics);
    } else {
      fail<FileError>("[{}] a key is said to be good for {}. inference or metrics was expected.",
                      where, clipped(name));
    }
  }
  return out;
}

void check_permissions(const std::filesystem::path& file) {
  struct stat info {};
  if (::stat(file.c_str(), &info) == 0 && (info.st_mode & (S_IRGRP | S_IROTH)) != 0) {
    fail<FileError>("[{}] others than its owner may read these keys. Change that: chmod 600 {}",
                    file.string(), file.string());
  }
}

}  // namespace

ApiKeys ApiKeys::read(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in)
    fail<FileError>("[{}] cannot be read. A file with a key a line was expected.", file.string());
  check_permissions(file);
  std::vector<ApiKey> keys;
  std::size_t number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    std::istringstream words(line);
    ApiKey key;
    std::string scopes;
    if (!(words >> key.key) || key.key.starts_with('#')) continue;
    const std::string where = fmt::format("{} line {}", file.string(), number);
    if (key.key.size() < kShortestKey) {
      fail<FileError>("[{}] a key has {} characters. {} or more were expected.", where,
                      key.key.size(), kShortestKey);
    }
    key.scopes = words >> scopes ? parse_scopes(scopes, where)
                                 : std::set{Scope::kInference, Scope::kMetrics};
    if (!(words >> key.name)) key.name = fmt::format("key-{}", keys.size() + 1);
    keys.push_back(std::move(key));
  }
  if (keys.empty()) fail<FileError>("[{}] has no key. One a line was expected.", file.string());
  return ApiKeys(std::move(keys));
}

const ApiKey* ApiKeys::find(const HttpRequest& request) const {
  const std::string_view given = given_key(request);
  const ApiKey* found = nullptr;
  for (const ApiKey& key : keys_) {
    if (same(given, key.key)) found = &key;
  }
  return found;
}

}  // namespace pangu::serve
