// SPDX-License-Identifier: Apache-2.0
// Prints a prompt with its greedy continuation:
//   continue_text MODEL "Once upon a time"
#include <pangu/pangu.h>

#include <iostream>

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: " << argv[0] << " MODEL PROMPT\n";
    return 2;
  }
  try {
    auto engine = pangu::Engine::load(argv[1]);
    std::cout << argv[2] << engine.generate(argv[2], {.max_tokens = 64}).text << "\n";
    return 0;
  } catch (const pangu::Error& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
