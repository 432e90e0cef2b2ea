// SPDX-License-Identifier: Apache-2.0
#include "adaptive/intent/examples/fillers.h"

namespace pangu::adaptive {
namespace {

constexpr const char* kNames[] = {"Maria", "John",  "Aisha", "Peter", "Lucy",   "Tom",    "Elena",
                                  "Raj",   "Sofia", "David", "Nina",  "Marcus", "Hannah", "Omar"};
constexpr const char* kGoods[] = {
    "apples",  "pencils",  "cookies",  "tickets",          "oranges",
    "books",   "marbles",  "stickers", "candles",          "roses",
    "muffins", "balloons", "cupcakes", "bottles of water", "toy cars"};
constexpr const char* kDayNames[] = {"Monday", "Tuesday",  "Wednesday",
                                     "Friday", "Saturday", "Sunday"};
constexpr const char* kShops[] = {"bakery",   "toy store",  "grocery",
                                  "bookshop", "farm stand", "cafe"};
constexpr const char* kTerms[] = {"photosynthesis",
                                  "the second law of thermodynamics",
                                  "osmosis",
                                  "inflation",
                                  "plate tectonics",
                                  "a covalent bond",
                                  "the speed of light",
                                  "natural selection",
                                  "a firewall",
                                  "entropy",
                                  "the Doppler effect",
                                  "gradient descent",
                                  "a semiconductor",
                                  "supply and demand",
                                  "public-key encryption",
                                  "virtual memory",
                                  "the immune system",
                                  "radioactive decay",
                                  "a catalyst",
                                  "electromagnetic induction",
                                  "the water cycle",
                                  "a cache",
                                  "recessive genes",
                                  "Ohm's law",
                                  "a deadlock",
                                  "buffer overflow",
                                  "backpropagation",
                                  "an isotope"};
constexpr const char* kSubjects[] = {"physics",           "chemistry",        "biology",
                                     "computer science",  "economics",        "history",
                                     "computer security", "formal logic",     "law",
                                     "medicine",          "machine learning", "geography"};
constexpr const char* kUnits[] = {"joule", "pascal", "tesla", "mole", "hertz", "candela", "farad"};
constexpr const char* kCountries[] = {"Portugal", "Kenya",  "Peru",   "Norway",
                                      "Vietnam",  "Canada", "Egypt",  "Japan",
                                      "Iceland",  "Chile",  "Poland", "Morocco"};
constexpr const char* kEvents[] = {
    "the fall of the Roman Empire",   "the French Revolution",
    "the first landing on the moon",  "the invention of printing",
    "the Industrial Revolution",      "the discovery of penicillin",
    "the building of the Suez Canal", "the end of the First World War"};
constexpr const char* kYears[] = {"1848", "1912", "1967", "1989", "2004", "2015"};
constexpr const char* kTongues[] = {"French",  "German",  "Spanish",    "Chinese", "Japanese",
                                    "Italian", "Russian", "Portuguese", "Korean",  "Arabic"};
constexpr const char* kNouns[] = {"umbrella",  "river",         "coffee", "garden",
                                  "bicycle",   "moon",          "cats",   "rain",
                                  "old house", "train station", "autumn", "friendship"};
constexpr const char* kMoods[] = {"sad",    "nervous",  "tired",  "bored",
                                  "lonely", "stressed", "excited"};
constexpr const char* kRelatives[] = {"mother",      "brother",   "best friend", "boss",
                                      "grandfather", "neighbour", "wife",        "teacher"};
constexpr const char* kHobbies[] = {"play the guitar", "paint",       "run a marathon",
                                    "bake bread",      "take photos", "speak Spanish",
                                    "play chess",      "dance"};
constexpr const char* kPets[] = {"cat", "dog", "parrot", "hamster", "goldfish"};
constexpr const char* kShort[] = {
    "good morning",        "where is the station?", "see you next week", "I would like a coffee",
    "thank you very much", "happy birthday",        "the bill, please",  "it depends",
    "have a safe trip"};
constexpr const char* kSentences[] = {
    "The museum opens at nine and closes late on Thursdays.",
    "She forgot her keys on the kitchen table again.",
    "Our flight was delayed because of heavy fog over the coast.",
    "The committee will decide about the new bridge next month.",
    "If you want to come along, call me before dinner.",
    "Prices of wheat have risen for the third year in a row.",
    "He had never seen so many stars as on that night in the desert.",
    "Please switch off the machine before you open the cover.",
    "The old lighthouse is visible from every house in the village.",
    "Most of the volunteers had worked through the night.",
    "Scientists found traces of water in the ancient rocks.",
    "My grandmother used to keep her letters in a blue box."};
constexpr const char* kPassages[] = {
    "The town of Harwick rebuilt its library after the flood of 1987. Anna Bell, who had run it "
    "for "
    "twenty years, saved most of the old maps by carrying them to the church tower. The new "
    "building opened in 1991 and cost four million pounds.",
    "Honey bees tell each other where flowers are by a dance. A bee that has found food walks in a "
    "figure of eight; the angle shows the direction and the speed of the dance shows how far it "
    "is. "
    "Farmers rely on them for a third of all crops.",
    "On 12 March the company Norvent announced that its plant in Tilburg would close by the end of "
    "the year. About 340 people will lose their jobs. The director, Pim de Wit, said that costs of "
    "energy had doubled since 2021.",
    "The bridge was designed by an engineer named Lopez and took six years to build. Two storms "
    "delayed the work, and the original plan with stone arches was given up in favour of steel. It "
    "carries about 9,000 cars a day .",
    "A new study followed 1,200 children for ten years. Those who slept less than seven hours had "
    "lower scores in tests of memory. The authors warn that other causes, such as noise at home, "
    "could not be ruled out.",
    "The film tells the story of a fisherman who finds a wooden chest on the beach. It was shot on "
    "the island in only three weeks and received mixed reviews , but won a prize for its music at "
    "the festival in 2009 .",
    "Coffee was brought to the valley by settlers in the 1850s. For decades it was the main "
    "export, "
    "until a fungus destroyed most plants in 1890. Today tea grows on the same slopes, and small "
    "farms sell it directly to visitors.",
    "The team won its first championship in 1974 under coach Ray Miller . After the final the "
    "stadium was renamed in his honour . It was torn down in 2011 , when the club moved to a "
    "larger "
    "ground near the airport .",
    "Sea levels along this coast rise by about four millimetres a year. The council has bought "
    "land "
    "further inland and plans to move the school first. Some families, among them the Okafors, do "
    "not want to leave.",
    "In the second season the detective moves to a small harbour town, where nobody trusts her. "
    "The "
    "critics praised the slow pace; viewers complained that the ending left too many questions "
    "open.",
    "The operating system was first released in 1995. It could run on machines with four megabytes "
    "of "
    "memory and was free for schools. Its author stopped the project when a large company hired "
    "him.",
    "The orchestra played for two hours without a break. Tickets had been sold out since June, and "
    "people listened from the square outside. A recording will be published in spring."};
constexpr const char* kReviews[] = {
    "The blender broke after two days and nobody answered my calls. Never again.",
    "Lovely little hotel, friendly staff and the best breakfast we had on the whole trip!",
    "You have won a prize!!! Click the link to claim your money within 24 hours.",
    "The plot is thin, but the actors make the film worth watching.",
    "Battery lasts forever, screen is bright, I'd buy it again at once."};
constexpr const char* kMails[] = {
    "Dear Sir or Madam, on May 3 I ordered two lamps (order 4471, 89.50 euros). One of them "
    "arrived "
    "broken. I would like my money back. Kind regards, Julia Stein",
    "Hi team, the meeting moves from Tuesday 10:00 to Wednesday 14:30, room 204. Bring the numbers "
    "of "
    "the last quarter. Best, Kofi",
    "Hello, this is invoice 2024-118 for 3 chairs at 45.00 each and one table at 210.00, to be "
    "paid "
    "by 30 June. Regards, Holzmann Ltd.",
    "Hey Sam, are you free on Saturday? We are going to the lake, bring a towel and some snacks. "
    "Mel"};
constexpr const char* kNotes[] = {
    "mon 9am call with Petra about the budget - she sends figures by thursday; website redesign: "
    "Tim "
    "does mockups until june 4; hire an intern, nobody assigned yet",
    "Decided to postpone the launch. Ravi fixes the login bug this week. Marketing (Lena) prepares "
    "the "
    "newsletter for the 15th. Next meeting in two weeks.",
    "gym tuesday and thursday evening, piano lesson wednesday 5pm, dentist friday morning, dinner "
    "with "
    "parents on sunday"};
constexpr const char* kLists[] = {"apple 1.20 3, bread 2.50 1, milk 0.99 2",
                                  "Paris, Rome, Cairo, Lima",
                                  "red bicycle, blue scooter, green skateboard",
                                  "iPhone, Galaxy, Pixel",
                                  "Mercury, Venus, Earth, Mars",
                                  "Alice 34 Berlin\nBob 27 Oslo\nCarla 41 Madrid",
                                  "electric cars, hybrid cars, diesel cars"};
constexpr const char* kAddresses[] = {"12 Oak Lane, Springfield, IL 62704",
                                      "Flat 3, 88 Queen's Road, Bristol BS8 1NS"};
constexpr const char* kKeyLists[] = {
    "name, date and amount", "title, author, year",      "\"city\", \"country\", \"population\"",
    "id, status, message",   "product, price, quantity", "person, place, event"};
constexpr const char* kQuestions[] = {"Which planet is the largest?", "Is the sky blue at night?",
                                      "What should I pack for a trip to the mountains?",
                                      "Who wrote Hamlet?"};

constexpr FillerList kEnglishLists[] = {
    {"name", kNames},    {"goods", kGoods},      {"day", kDayNames},     {"shop", kShops},
    {"term", kTerms},    {"subject", kSubjects}, {"unit", kUnits},       {"country", kCountries},
    {"event", kEvents},  {"year", kYears},       {"tongue", kTongues},   {"noun", kNouns},
    {"mood", kMoods},    {"rel", kRelatives},    {"hobby", kHobbies},    {"pet", kPets},
    {"short", kShort},   {"sent", kSentences},   {"passage", kPassages}, {"review", kReviews},
    {"mail", kMails},    {"notes", kNotes},      {"list", kLists},       {"addr", kAddresses},
    {"keys", kKeyLists}, {"q", kQuestions}};

}  // namespace

std::span<const FillerList> english_fillers() {
  return kEnglishLists;
}

}  // namespace pangu::adaptive
