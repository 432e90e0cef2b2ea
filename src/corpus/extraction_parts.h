// SPDX-License-Identifier: Apache-2.0
// Sentences and questions that short and long passages share.
#pragma once

#include <string>
#include <vector>

#include "corpus/record.h"
#include "corpus/wording.h"

namespace pangu::corpus {

/// What is asked, what the answer is, and why.
struct Asked {
  std::string instance, prompt, reasoning, answer;
};

/// "On {D}, {N} met {M} at {L}."
extern const Phrases kMeeting;
/// "{N} brought {S}."
extern const Phrases kBringing;
/// "Anna bought 3 lamps at the market."
struct Deed {
  std::string sentence;
  std::string things;  ///< "3 lamps"
  int count;
};
Deed draw_deed(std::size_t person, Draw& draw, Language language);

/// "3 lamps"
std::string counted(int count, const Thing& thing, Language language);

std::string passage_prompt(const std::vector<std::string>& passage, const std::string& question,
                           Language language);

/// A passage of `count` sentences about different people, 20 at most, to be quoted: the one about
/// somebody, or the first and the last.
Asked ask_for_sentences(Draw& draw, Language language, bool summary, std::size_t count);

/// Who met whom, and who brought what, of `count` meetings, 10 at most.
Asked ask_about_meetings(Draw& draw, Language language, std::size_t count);

}  // namespace pangu::corpus
