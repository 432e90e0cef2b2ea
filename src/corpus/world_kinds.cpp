// SPDX-License-Identifier: Apache-2.0
// What there is in the world, what can be told about it, and in which words.
#include "corpus/world.h"

namespace pangu::corpus {
namespace {

enum KindIndex : std::size_t { kCountry, kCity, kRiver };

const std::vector<Word> kRegions = {{"north", "北方"}, {"south", "南方"},  {"east", "东方"},
                                    {"west", "西方"},  {"center", "中部"}, {"islands", "群岛"}};
const std::vector<Word> kMoney = {{"dinars", "第纳尔"}, {"crowns", "克朗"},    {"marks", "马克"},
                                  {"pounds", "镑"},     {"francs", "法郎"},    {"pesos", "比索"},
                                  {"rupees", "卢比"},   {"shillings", "先令"}, {"talers", "塔勒"},
                                  {"florins", "弗罗林"}};
const std::vector<Word> kProducts = {
    {"cheese", "奶酪"}, {"glass", "玻璃"}, {"salt", "盐"},      {"silk", "丝绸"},
    {"clocks", "钟表"}, {"boats", "船"},   {"paper", "纸"},     {"honey", "蜂蜜"},
    {"wool", "羊毛"},   {"knives", "刀"},  {"carpets", "地毯"}, {"wine", "酒"},
    {"bells", "铃铛"},  {"shoes", "鞋"},   {"bread", "面包"},   {"pottery", "陶器"}};
const std::vector<Word> kSeas = {{"White Sea", "白海"}, {"Black Sea", "黑海"},
                                 {"Red Sea", "红海"},   {"Green Sea", "绿海"},
                                 {"Cold Sea", "寒海"},  {"Long Sea", "长海"}};
const std::vector<Word> kMountains = {{"Eagle Mountains", "鹰山"}, {"Snow Mountains", "雪山"},
                                      {"Iron Mountains", "铁山"},  {"Moon Mountains", "月山"},
                                      {"Cloud Mountains", "云山"}, {"Wolf Mountains", "狼山"},
                                      {"Stone Mountains", "石山"}, {"Sun Mountains", "日山"}};
const std::vector<Word> kWork = {{"baker", "面包师"}, {"teacher", "老师"}, {"doctor", "医生"},
                                 {"farmer", "农民"},  {"painter", "画家"}, {"singer", "歌手"},
                                 {"pilot", "飞行员"}, {"judge", "法官"},   {"nurse", "护士"},
                                 {"sailor", "水手"},  {"writer", "作家"},  {"miner", "矿工"},
                                 {"cook", "厨师"},    {"tailor", "裁缝"}};
const std::vector<Word> kHobbies = {{"chess", "下棋"},   {"tennis", "网球"},   {"piano", "钢琴"},
                                    {"fishing", "钓鱼"}, {"dancing", "跳舞"},  {"swimming", "游泳"},
                                    {"reading", "读书"}, {"violin", "小提琴"}, {"football", "足球"},
                                    {"hiking", "徒步"},  {"sewing", "缝纫"},   {"cycling", "骑车"}};
const std::vector<Word> kHabitats = {{"forests", "森林"}, {"deserts", "沙漠"}, {"lakes", "湖泊"},
                                     {"caves", "洞穴"},   {"swamps", "沼泽"},  {"hills", "丘陵"},
                                     {"valleys", "山谷"}, {"meadows", "草地"}, {"beaches", "海滩"},
                                     {"canyons", "峡谷"}};
const std::vector<Word> kFood = {{"grass", "青草"},   {"fish", "鱼"},      {"nuts", "坚果"},
                                 {"insects", "昆虫"}, {"berries", "浆果"}, {"roots", "树根"},
                                 {"leaves", "树叶"},  {"snails", "蜗牛"},  {"seeds", "种子"},
                                 {"mice", "老鼠"}};
const std::vector<Word> kColors = {{"red", "红色"},    {"blue", "蓝色"},  {"green", "绿色"},
                                   {"yellow", "黄色"}, {"black", "黑色"}, {"white", "白色"},
                                   {"gray", "灰色"},   {"brown", "棕色"}, {"purple", "紫色"}};
const std::vector<Word> kPlantUses = {
    {"tea", "茶"}, {"dye", "染料"},  {"rope", "绳子"},    {"medicine", "药"},  {"soup", "汤"},
    {"oil", "油"}, {"soap", "肥皂"}, {"perfume", "香水"}, {"baskets", "篮子"}, {"sugar", "糖"}};
const std::vector<Word> kMineralUses = {{"rings", "戒指"}, {"tools", "工具"},   {"mirrors", "镜子"},
                                        {"coins", "硬币"}, {"lenses", "镜片"},  {"wires", "电线"},
                                        {"bricks", "砖"},  {"magnets", "磁铁"}, {"pens", "钢笔"},
                                        {"needles", "针"}};

Attribute in_words(const char* key, const std::vector<Word>& words, Phrases statement,
                   Phrases question) {
  return {key, &words, 0, std::move(statement), std::move(question)};
}
Attribute entity(const char* key, KindIndex kind, Phrases statement, Phrases question) {
  return {key, nullptr, kind, std::move(statement), std::move(question)};
}

const std::vector<Kind> kKinds = {
    {"country",
     {"countries", "国家"},
     {"nia", "国"},
     24,
     {entity("capital", kCity,
             {{"The capital of {E} is {V}.", "{E} has the capital {V}."},
              {"{E}的首都是{V}。", "{E}的首都叫{V}。"}},
             {{"What is the capital of {E}?", "Which city is the capital of {E}?"},
              {"{E}的首都是哪里？", "哪座城市是{E}的首都？"}}),
      in_words("region", kRegions,
               {{"{E} lies in the {V}.", "{E} is a country in the {V}."},
                {"{E}位于{V}。", "{E}在{V}。"}},
               {{"Where does {E} lie?", "In which region is {E}?"},
                {"{E}位于哪里？", "{E}在哪个地区？"}}),
      in_words("money", kMoney,
               {{"People in {E} pay with {V}.", "The money of {E} is called {V}."},
                {"{E}人用{V}付钱。", "{E}的货币叫{V}。"}},
               {{"What do people in {E} pay with?", "What is the money of {E} called?"},
                {"{E}人用什么付钱？", "{E}的货币叫什么？"}})}},
    {"city",
     {"cities", "城市"},
     {"burg", "城"},
     60,
     {entity("country", kCountry,
             {{"{E} is a city in {V}.", "The city of {E} belongs to {V}."},
              {"{E}在{V}。", "{E}是{V}的城市。"}},
             {{"In which country is {E}?", "Which country does {E} belong to?"},
              {"{E}在哪个国家？", "{E}属于哪个国家？"}}),
      entity("river", kRiver,
             {{"{E} stands on the {V}.", "The {V} flows through {E}."},
              {"{E}在{V}边。", "{V}流过{E}。"}},
             {{"On which river does {E} stand?", "Which river flows through {E}?"},
              {"{E}在哪条河边？", "哪条河流过{E}？"}}),
      in_words("product", kProducts,
               {{"{E} is known for {V}.", "{E} is famous for its {V}."},
                {"{E}以{V}闻名。", "{E}出产{V}。"}},
               {{"What is {E} known for?", "What is {E} famous for?"},
                {"{E}以什么闻名？", "{E}出产什么？"}})}},
    {"river",
     {"rivers", "河流"},
     {" River", "河"},
     20,
     {in_words("sea", kSeas,
               {{"The {E} flows into the {V}.", "The {E} ends in the {V}."},
                {"{E}流入{V}。", "{E}注入{V}。"}},
               {{"Which sea does the {E} flow into?", "Where does the {E} end?"},
                {"{E}流入哪片海？", "{E}注入哪里？"}}),
      in_words("source", kMountains,
               {{"The {E} rises in the {V}.", "The {E} begins in the {V}."},
                {"{E}发源于{V}。", "{E}从{V}流出。"}},
               {{"Where does the {E} rise?", "In which mountains does the {E} begin?"},
                {"{E}发源于哪里？", "{E}从哪座山流出？"}})}},
    {"person",
     {"people", "人物"},
     {"", ""},
     70,
     {in_words("work", kWork,
               {{"{E} works as a {V}.", "The work of {E} is that of a {V}."},
                {"{E}是{V}。", "{E}的工作是{V}。"}},
               {{"What does {E} work as?", "What is the work of {E}?"},
                {"{E}做什么工作？", "{E}的工作是什么？"}}),
      entity(
          "home", kCity,
          {{"{E} lives in {V}.", "The home of {E} is in {V}."}, {"{E}住在{V}。", "{E}的家在{V}。"}},
          {{"Where does {E} live?", "In which city is the home of {E}?"},
           {"{E}住在哪里？", "{E}的家在哪座城市？"}}),
      in_words(
          "hobby", kHobbies,
          {{"{E} likes {V}.", "The hobby of {E} is {V}."}, {"{E}喜欢{V}。", "{E}的爱好是{V}。"}},
          {{"What does {E} like?", "What is the hobby of {E}?"},
           {"{E}喜欢什么？", "{E}的爱好是什么？"}})}},
    {"animal",
     {"animals", "动物"},
     {"dor", "兽"},
     50,
     {in_words("habitat", kHabitats,
               {{"The {E} lives in {V}.", "The home of the {E} are {V}."},
                {"{E}生活在{V}。", "{E}住在{V}里。"}},
               {{"Where does the {E} live?", "What is the home of the {E}?"},
                {"{E}生活在哪里？", "{E}住在什么地方？"}}),
      in_words("food", kFood,
               {{"The {E} eats {V}.", "The food of the {E} is {V}."},
                {"{E}吃{V}。", "{E}的食物是{V}。"}},
               {{"What does the {E} eat?", "What is the food of the {E}?"},
                {"{E}吃什么？", "{E}的食物是什么？"}}),
      in_words("color", kColors,
               {{"The {E} is {V}.", "The color of the {E} is {V}."},
                {"{E}是{V}的。", "{E}的颜色是{V}。"}},
               {{"Which color is the {E}?", "What is the color of the {E}?"},
                {"{E}是什么颜色的？", "{E}的颜色是什么？"}})}},
    {"plant",
     {"plants", "植物"},
     {"wort", "草"},
     40,
     {in_words("flower", kColors,
               {{"The flowers of {E} are {V}.", "{E} has {V} flowers."},
                {"{E}开{V}的花。", "{E}的花是{V}的。"}},
               {{"Which color are the flowers of {E}?", "What color of flowers has {E}?"},
                {"{E}开什么颜色的花？", "{E}的花是什么颜色的？"}}),
      in_words(
          "ground", kHabitats,
          {{"{E} grows in {V}.", "{E} is found in {V}."}, {"{E}长在{V}。", "{E}生长在{V}中。"}},
          {{"Where does {E} grow?", "Where is {E} found?"},
           {"{E}长在哪里？", "{E}生长在什么地方？"}}),
      in_words("use", kPlantUses,
               {{"People make {V} from {E}.", "{E} is used for {V}."},
                {"人们用{E}做{V}。", "{E}可以做{V}。"}},
               {{"What do people make from {E}?", "What is {E} used for?"},
                {"人们用{E}做什么？", "{E}可以做什么？"}})}},
    {"mineral",
     {"minerals", "矿石"},
     {"ite", "石"},
     36,
     {in_words("color", kColors,
               {{"{E} is a {V} mineral.", "The color of {E} is {V}."},
                {"{E}是{V}的矿石。", "{E}的颜色是{V}。"}},
               {{"Which color has {E}?", "What is the color of {E}?"},
                {"{E}是什么颜色的？", "{E}的颜色是什么？"}}),
      entity("country", kCountry,
             {{"{E} comes from {V}.", "{E} is found in {V}."}, {"{E}来自{V}。", "{E}产于{V}。"}},
             {{"Which country does {E} come from?", "In which country is {E} found?"},
              {"{E}来自哪个国家？", "{E}产于哪个国家？"}}),
      in_words("use", kMineralUses,
               {{"{V} are made of {E}.", "People use {E} for {V}."},
                {"{V}用{E}制成。", "人们用{E}做{V}。"}},
               {{"What is made of {E}?", "What do people use {E} for?"},
                {"什么用{E}制成？", "人们用{E}做什么？"}})}},
};

}  // namespace

std::span<const Kind> World::kinds() {
  return kKinds;
}

}  // namespace pangu::corpus
