// SPDX-License-Identifier: Apache-2.0
// Continues a text and prints each token as it comes:
//   generate MODEL "Once upon a time"
#include <pangu/pangu.h>

#include <cstdio>

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: %s MODEL PROMPT\nMODEL is a Hugging Face folder.\n", argv[0]);
    return 2;
  }
  try {
    auto engine = pangu::Engine::load(argv[1]);

    pangu::GenerateOptions options;
    options.sampling = engine.default_sampling();  // as the model's authors advise
    options.max_tokens = 128;

    std::fputs(argv[2], stdout);
    const pangu::Generation reply =
        engine.generate(argv[2], options, [](const pangu::GeneratedToken& token) {
          std::fputs(token.text.c_str(), stdout);
          std::fflush(stdout);
        });
    std::printf("\n");

    std::fprintf(stderr, "%zu tokens in %.2f s, ended by: %s\n", reply.ids.size(), reply.decode_s,
                 std::string(pangu::name(reply.finish_reason)).c_str());
    return 0;
  } catch (const pangu::Error& error) {
    // Every message says where, what was wrong, what was expected and what to do.
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
