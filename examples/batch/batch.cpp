// SPDX-License-Identifier: Apache-2.0
// Continues every line of standard input, all at once, and prints each as it is done:
//   printf 'Once upon a time\nThe dog\n' | batch MODEL
#include <pangu/pangu.h>

#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s MODEL < PROMPTS\nMODEL is a Hugging Face folder.\n", argv[0]);
    return 2;
  }
  try {
    auto engine = pangu::Engine::load(argv[1]);
    pangu::BatchEngine batch(engine);

    pangu::GenerateOptions options;
    options.sampling = engine.default_sampling();
    options.max_tokens = 128;

    std::vector<std::string> prompts;
    for (std::string line; std::getline(std::cin, line);) {
      batch.submit(engine.text_prompt(line), options);
      prompts.push_back(line);
    }
    for (bool more = true; more;) {
      more = batch.step();
      for (const pangu::BatchReply& done : batch.take_finished()) {
        std::printf("%s%s\n", prompts[static_cast<std::size_t>(done.request)].c_str(),
                    done.generation.text.c_str());
      }
    }
    return 0;
  } catch (const pangu::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
