// SPDX-License-Identifier: Apache-2.0
#include "text/gguf/tokenizer_gguf_write.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "base/clipped.h"
#include "base/error.h"
#include "io/json.h"
#include "io/mapped_file.h"
#include "text/gguf/tokenizer_gguf.h"
#include "text/gguf/tokenizer_pre_kinds.h"
#include "text/huggingface/tokenizer_config.h"
#include "text/pre_tokenizer/pretokenizer.h"
#include "text/sentencepiece/sentencepiece_model.h"

namespace pangu::text {
namespace {

namespace fs = std::filesystem;

/// Scores, as other converters choose them, of tokens that never win a merge.
constexpr float kAddedScore = -1000.0f, kPaddingScore = -10000.0f;

struct Tokens {
  std::vector<std::string> pieces;
  std::vector<std::int32_t> types;
};

/// All tokens that the embedding has rows for as ordinary or added ones, and padding. Added tokens
/// are special, matched only where special tokens are parsed, if `added` says so or decoding leaves
/// them out.
Tokens collect(const Tokenizer& t, const std::vector<AddedToken>& added, std::int64_t vocab_size) {
  std::set<TokenId> special;
  for (const AddedToken& token : added) {
    if (token.special) special.insert(token.id);
  }
  Tokens tokens;
  for (TokenId id = 0; id < vocab_size; ++id) {
    // Behind the tokens, and where ids have none.
    if (id >= t.vocab_size() || t.piece(id).empty()) {
      tokens.pieces.push_back(fmt::format("[PAD{}]", id));
      tokens.types.push_back(gguf_type::kUnused);
      continue;
    }
    const bool is_special = special.contains(id) || t.is_special(id);
    tokens.pieces.push_back(t.piece(id));
    tokens.types.push_back(!t.ends_run(id) ? gguf_type::kNormal
                           : is_special    ? gguf_type::kControl
                                           : gguf_type::kUserDefined);
  }
  return tokens;
}

/// Whether the token comes first (or last) by default. Anything but it or nothing has no key.
bool is_added_by_default(const std::vector<TokenId>& ids, std::optional<TokenId> id,
                         const fs::path& folder, std::string_view where) {
  if (ids.empty()) return false;
  if (id && ids == std::vector<TokenId>{*id}) return true;
  fail<Unsupported>(
      "[tokenizer] {}: the tokenizer puts the tokens {} {} a text, for which GGUF has no key: it "
      "knows bos and eos alone.",
      folder.string(), fmt::join(ids, ", "), where);
}

void put_roles(const Tokenizer& t, const fs::path& folder, std::int64_t vocab_size,
               GgufKeys& keys) {
  const auto put = [&](const char* role, std::optional<TokenId> id) {
    const std::string key = fmt::format("tokenizer.ggml.{}_token_id", role);
    if (id && *id < vocab_size) keys.put_u32(key, static_cast<std::uint32_t>(*id));
  };
  put("bos", t.bos_id());
  put("unknown", t.unk_id());
  put("padding", t.pad_id());
  const auto first = t.encode("", {.add_eos = false}), last = t.encode("", {.add_bos = false});
  keys.put_bool("tokenizer.ggml.add_bos_token",
                is_added_by_default(first, t.bos_id(), folder, "before"));
  keys.put_bool("tokenizer.ggml.add_eos_token",
                is_added_by_default(last, t.eos_id(), folder, "after"));
  if (!t.chat_template().empty()) keys.put_string("tokenizer.chat_template", t.chat_template());
}

void note_left_out(const Tokenizer& t, std::int64_t vocab_size, std::vector<std::string>& notes) {
  if (t.vocab_size() <= vocab_size) return;
  notes.push_back(fmt::format(
      "{} tokens, '{}' the first, have no row in the embedding and are left out of the file.",
      t.vocab_size() - vocab_size, clipped(t.piece(static_cast<TokenId>(vocab_size)))));
}

/// Added tokens that match more, or less, than their text.
void note_flags(const std::vector<AddedToken>& added, std::vector<std::string>& notes) {
  const auto count = std::ranges::count_if(
      added, [](const AddedToken& a) { return a.lstrip || a.rstrip || a.single_word; });
  if (count > 0) {
    notes.push_back(fmt::format(
        "{} added tokens take spaces beside them along or match whole words only: GGUF cannot say "
        "that, and their text alone will match.",
        count));
  }
}

/// Special tokens that are part of the decoded text, such as those around openPangu's reasoning.
void put_shown(const Tokenizer& t, const Tokens& tokens, GgufKeys& keys) {
  std::vector<std::int32_t> shown;
  for (std::size_t i = 0; i < tokens.types.size(); ++i) {
    const auto id = static_cast<TokenId>(i);
    if (tokens.types[i] == gguf_type::kControl && !t.is_special(id)) shown.push_back(id);
  }
  if (!shown.empty()) keys.put_i32s(kShownSpecialKey, shown);
}

// --- SentencePiece

void put_sentencepiece(const fs::path& folder, const Tokenizer& t, std::int64_t vocab_size,
                       GgufKeys& keys, std::vector<std::string>& notes) {
  const MappedFile file(folder / "tokenizer.model");
  const auto model = SentencePieceModel::parse(
      {reinterpret_cast<const char*>(file.data()), file.size()}, file.path().string());
  if (model.is_unigram) {
    fail<Unsupported>(
        "[tokenizer] {} is a unigram model. GGUF files hold SentencePiece models of the type BPE "
        "only.",
        file.path().string());
  }
  const TokenizerConfig config = read_tokenizer_config(folder);
  Tokens tokens = collect(t, config.added, vocab_size);
  std::vector<float> scores(tokens.pieces.size(), kPaddingScore);
  std::int64_t in_text = 0;
  const auto n = std::min(tokens.pieces.size(), static_cast<std::size_t>(t.vocab_size()));
  for (std::size_t id = 0; id < n; ++id) {
    const bool is_added = tokens.types[id] != gguf_type::kNormal;
    scores[id] = kAddedScore;
    if (is_added || id >= model.pieces.size()) continue;
    scores[id] = model.pieces[id].score;
    tokens.types[id] = static_cast<std::int32_t>(model.pieces[id].type);
    in_text += tokens.types[id] == gguf_type::kUserDefined;
  }
  if (in_text > 0) {
    notes.push_back(
        fmt::format("{} user-defined pieces become added tokens: readers of GGUF files put a space "
                    "behind them.",
                    in_text));
  }
  note_flags(config.added, notes);
  put_shown(t, tokens, keys);
  keys.put_string("tokenizer.ggml.model", "llama");
  keys.put_string("tokenizer.ggml.pre", "default");
  keys.put_strings("tokenizer.ggml.tokens", tokens.pieces);
  keys.put_f32s("tokenizer.ggml.scores", scores);
  keys.put_i32s("tokenizer.ggml.token_type", tokens.types);
  const bool modern = config.legacy.has_value() && !*config.legacy;
  const bool prefix = modern ? config.add_prefix_space.value_or(true) : model.add_dummy_prefix;
  keys.put_bool("tokenizer.ggml.add_space_prefix", prefix);
  if (model.remove_extra_whitespaces) {
    keys.put_bool("tokenizer.ggml.remove_extra_whitespaces", true);
  }
  if (!model.charsmap.empty()) {
    keys.put_bytes("tokenizer.ggml.precompiled_charsmap", model.charsmap);
    notes.emplace_back(
        "The tokenizer rewrites characters before it cuts text: pangu does so from the GGUF file "
        "too, but llama.cpp does not for this kind of tokenizer.");
  }
  if (modern && prefix) {
    keys.put_bool(kPrefixFirstKey, true);
    notes.emplace_back(
        "The tokenizer puts a space before a text only (legacy is false): pangu keeps to that, but "
        "llama.cpp puts one behind special tokens too.");
  }
}

// --- byte-level BPE

/// What a "pre_tokenizer" object does, as far as a PreKind can say it.
class PreTokenizerReader {
 public:
  /// Nothing if it does anything else.
  static std::optional<std::vector<std::string>> patterns(const JsonObject& json) {
    PreTokenizerReader reader;
    reader.read(json);
    if (!reader.fits_ || !reader.has_bytes_) return std::nullopt;
    return reader.patterns_;
  }

 private:
  void read(const JsonObject& json) {
    const std::string& type = json.get_string("type");
    if (has_bytes_) {
      fits_ = false;  // nothing may follow the bytes
    } else if (type == "Sequence") {
      const Json* list = json.find("pretokenizers");
      fits_ = fits_ && list && list->is_array();
      for (std::size_t i = 0; fits_ && i < list->size(); ++i) {
        read(JsonObject(json.file(), (*list)[i]));
      }
    } else if (type == "Split") {
      read_split(json);
    } else if (type == "Digits" && json.get_bool_or("individual_digits", false)) {
      patterns_.emplace_back(R"(\p{N})");
    } else if (type == "ByteLevel" && !json.get_bool_or("add_prefix_space", true)) {
      has_bytes_ = true;
      if (json.get_bool_or("use_regex", true)) patterns_.emplace_back(gpt2_pattern());
    } else {
      fits_ = false;
    }
  }

  void read_split(const JsonObject& json) {
    const JsonObject pattern = json.get_object("pattern");
    const std::string& behavior = json.get_string("behavior");
    const bool inverted = json.get_bool_or("invert", false);
    // Two ways to say the same where the pattern matches everything.
    const bool isolates =
        (behavior == "Isolated" && !inverted) || (behavior == "Removed" && inverted);
    fits_ = fits_ && isolates && pattern.contains("Regex");
    if (fits_) patterns_.push_back(pattern.get_string("Regex"));
  }

  std::vector<std::string> patterns_;
  bool has_bytes_ = false;
  bool fits_ = true;
};

std::string_view require_pre_kind(const JsonObject& json) {
  std::optional<std::vector<std::string>> patterns;
  if (json.contains("pre_tokenizer")) {
    patterns = PreTokenizerReader::patterns(json.get_object("pre_tokenizer"));
  }
  std::string normalizer;
  if (json.contains("normalizer")) {
    normalizer = json.get_object("normalizer").get_string("type");
    // An empty sequence does nothing.
    const Json* list = json.get_object("normalizer").find("normalizers");
    if (normalizer == "Sequence" && list && list->empty()) normalizer.clear();
  }
  const bool ignore_merges = json.get_object("model").get_bool_or("ignore_merges", false);
  const auto kind = std::ranges::find_if(pre_kinds(), [&](const PreKind& k) {
    return patterns && std::ranges::equal(k.patterns, *patterns) &&
           normalizer == (k.nfc ? "NFC" : "") && k.ignore_merges == ignore_merges;
  });
  if (kind == pre_kinds().end()) {
    fail<Unsupported>(
        "[tokenizer] {}: words are cut in a way (pre_tokenizer, normalizer, ignore_merges) that "
        "has "
        "no name in GGUF files, or none that is known here. Use the Hugging Face folder.",
        json.file());
  }
  return kind->name;
}

std::vector<std::string> merge_texts(const JsonObject& model) {
  const Json* list = model.find("merges");
  if (!list || !list->is_array()) model.reject("merges", "an array of merges");
  std::vector<std::string> merges;
  merges.reserve(list->size());
  for (const Json& entry : *list) {
    // The loader has seen that each entry is "a b" or ["a", "b"].
    merges.push_back(entry.is_array()
                         ? entry[0].get<std::string>() + " " + entry[1].get<std::string>()
                         : entry.get<std::string>());
    if (std::ranges::count(merges.back(), ' ') != 1) {
      fail<Unsupported>(
          "[tokenizer] {}: the merge '{}' has pieces with spaces, which GGUF cannot hold.",
          model.file(), clipped(merges.back()));
    }
  }
  return merges;
}

void put_byte_level(const fs::path& folder, const Tokenizer& t, std::int64_t vocab_size,
                    GgufKeys& keys, std::vector<std::string>& notes) {
  const fs::path file = folder / "tokenizer.json";
  const Json value = read_json(file);
  const JsonObject json(file.string(), value);
  const std::string_view pre = require_pre_kind(json);
  std::vector<AddedToken> added = read_tokenizer_config(folder).added;
  if (const Json* list = json.find("added_tokens")) {
    for (const Json& token : *list) {
      const JsonObject object(json.file(), token);
      const auto id = static_cast<TokenId>(object.get_int("id", 0, INT32_MAX));
      added.push_back(read_added_token(object, id, false));
    }
  }
  note_flags(added, notes);
  const Tokens tokens = collect(t, added, vocab_size);
  keys.put_string("tokenizer.ggml.model", "gpt2");
  keys.put_string("tokenizer.ggml.pre", pre);
  keys.put_strings("tokenizer.ggml.tokens", tokens.pieces);
  keys.put_i32s("tokenizer.ggml.token_type", tokens.types);
  keys.put_strings("tokenizer.ggml.merges", merge_texts(json.get_object("model")));
}

}  // namespace

void put_tokenizer(const fs::path& folder, const Tokenizer& tokenizer, std::int64_t vocab_size,
                   GgufKeys& keys, std::vector<std::string>& notes) {
  if (tokenizer.kind() == "byte-level BPE") {
    put_byte_level(folder, tokenizer, vocab_size, keys, notes);
  } else if (fs::exists(folder / "tokenizer.model")) {
    put_sentencepiece(folder, tokenizer, vocab_size, keys, notes);
  } else {
    fail<Unsupported>(
        "[tokenizer] {}: a {} tokenizer without tokenizer.model has no form in GGUF files. Add the "
        "model's tokenizer.model to the folder.",
        folder.string(), tokenizer.kind());
  }
  put_roles(tokenizer, folder, vocab_size, keys);
  note_left_out(tokenizer, vocab_size, notes);
}

}  // namespace pangu::text
