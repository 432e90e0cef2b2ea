// SPDX-License-Identifier: Apache-2.0
#include "adaptive/intent/features/cue_words.h"

#include <span>
#include <string>

namespace pangu::adaptive {
namespace {

/// Words with blanks around them are looked for among the units of a text, others in the text
/// itself.
constexpr const char* kProgramCues[] = {
    " function ", " program ",    " script ", " implement ",    " code ",      " python ",
    " java ",     " javascript ", " sql ",    " regex ",        " algorithm ", " def ",
    " class ",    " api ",        " array ",  " string ",       " list ",      " tuple ",
    " integer ",  " assert ",     " c + + ",  " given number ", " return ",    " html ",
    "代码",       "程序",         "编写",     "脚本",           "字符串",      "数组",
    "列表",       "链表",         "接口",     "正则",           "写一个函数"};
constexpr const char* kChangeCues[] = {
    " fix ",       " bug ",      " refactor ", " error ",   " review ", " optimize ", " rewrite ",
    " this code ", " the code ", " my code ",  " snippet ", " faster ", " explain ",  " debug ",
    " crashes ",   " comments ", " rename ",   " convert ", " wrong ",  " improve ",  " clean ",
    " document ",  "修复",       "报错",       "优化",      "重构",     "改写",       "注释",
    "这段代码",    "修改",       "下面的程序", "哪里错"};
constexpr const char* kStoryCues[] = {
    " how many ", " how much ", " how long ",  " how far ",   " how old ",    " each ",
    " left ",     " total ",    " twice ",     " half ",      " percent ",    " per ",
    " costs ",    " cost ",     " dollars ",   " sells ",     " buys ",       " bought ",
    " hours ",    " times as ", " more than ", " remaining ", " altogether ", "多少",
    "还剩",       "一共",       "每小时",      "每个",        "每天",         "千米",
    "厘米",       "原价",       "元钱",        "几个"};
constexpr const char* kMathCues[] = {" equation ",
                                     " integral ",
                                     " derivative ",
                                     " matrix ",
                                     " solve ",
                                     " calculate ",
                                     " sum ",
                                     " probability ",
                                     " prove ",
                                     " limit ",
                                     " polynomial ",
                                     " prime ",
                                     " theorem ",
                                     " variance ",
                                     " mean ",
                                     " standard deviation ",
                                     " random variable ",
                                     " group ",
                                     " ring ",
                                     " vector ",
                                     " frac ",
                                     " sqrt ",
                                     " mathematics ",
                                     " statistics ",
                                     " algebra ",
                                     " triangle ",
                                     " circle ",
                                     " hypothesis ",
                                     " degrees ",
                                     " real number ",
                                     " confidence interval ",
                                     " sample ",
                                     "求",
                                     "方程",
                                     "概率",
                                     "极限",
                                     "导数",
                                     "矩阵",
                                     "随机变量",
                                     "函数",
                                     "计算",
                                     "证明",
                                     "数列",
                                     "积分",
                                     "集合",
                                     "数学",
                                     "设",
                                     "向量",
                                     "微分",
                                     "级数",
                                     "行列式",
                                     "统计",
                                     "$"};
constexpr const char* kChoiceCues[] = {" which of the following ",
                                       " which of these ",
                                       " option ",
                                       " options ",
                                       " choose ",
                                       " select ",
                                       " multiple choice ",
                                       " answer ",
                                       " correct ",
                                       " question ",
                                       " true or false ",
                                       " yes or no ",
                                       "下列",
                                       "选项",
                                       "正确的是",
                                       "单选",
                                       "选出",
                                       "答案",
                                       "以下哪",
                                       "题目",
                                       "选择"};
constexpr const char* kFactCues[] = {" who ",
                                     " when ",
                                     " where ",
                                     " what is ",
                                     " what are ",
                                     " why ",
                                     " capital ",
                                     " country ",
                                     " difference between ",
                                     " invented ",
                                     " discovered ",
                                     " physics ",
                                     " chemistry ",
                                     " biology ",
                                     " history ",
                                     " computer science ",
                                     " security ",
                                     " machine learning ",
                                     " energy ",
                                     " acid ",
                                     " reaction ",
                                     " law ",
                                     " which ",
                                     "是什么",
                                     "哪里",
                                     "哪一年",
                                     "谁",
                                     "区别",
                                     "定义",
                                     "物理",
                                     "化学",
                                     "历史",
                                     "计算机",
                                     "系统",
                                     "网络",
                                     "溶液",
                                     "反应",
                                     "属于",
                                     "作用"};
constexpr const char* kGivenTextCues[] = {
    " passage ",  " paragraph ", " article ", " text ",      " according to ", " context ",
    " document ", " above ",     " below ",   " following ", " mentioned ",    " author ",
    " notes ",    " report ",    "短文",      "材料",        "上文",           "下文",
    "文中",       "文章",        "这段话",    "下面这段",    "原文",           "以下内容",
    "内容",       "根据"};
constexpr const char* kSummaryCues[] = {
    " summarize ",    " summarise ", " summary ",  " tl ",       " key points ",
    " main ",         " shorten ",   " condense ", " headline ", " keywords ",
    " brief ",        " extract ",   " quote ",    " find ",     " one line ",
    " one sentence ", " about ",     "总结",       "概括",       "摘要",
    "关键词",         "缩写",        "标题",       "提取",       "重点",
    "主要",           "观点",        "抽取"};
constexpr const char* kTranslationCues[] = {
    " translate ", " translation ", " translator ", " english ", " chinese ", " french ",
    " german ",    " spanish ",     " japanese ",   " italian ", " russian ", " portuguese ",
    " korean ",    " arabic ",      " into ",       " say ",     " version ", " mean in ",
    "翻译",        "译成",          "译为",         "英译",      "中译",      "译文",
    "英语",        "英文",          "法语",         "法文",      "日语",      "德语",
    "西班牙语",    "俄语",          "韩语",         "用中文",    "中文",      "怎么说"};
constexpr const char* kFormatCues[] = {
    " json ",     " yaml ",     " csv ",    " xml ",     " table ",  " schema ",
    " markdown ", " format ",   " fields ", " columns ", " keys ",   " template ",
    " form ",     " array of ", " object ", " fill ",    " output ", "json",
    "JSON",       "表格",       "格式",     "字段",      "表单",     "形式返回",
    "整理成",     "YAML",       "XML",      "CSV",       "【"};
constexpr const char* kFeelingCues[] = {
    " feel ",     " story ", " poem ",  " joke ",   " recommend ", " advice ",   " ideas ",
    " suggest ",  " tips ",  " song ",  " love ",   " friend ",    " birthday ", " trip ",
    " should i ", " my ",    " i am ",  " i m ",    " write a ",   " pretend ",  " imagine ",
    " favorite ", " funny ", " email ", " letter ", " help me ",   "故事",       "笑话",
    "诗",         "推荐",    "建议",    "心情",     "朋友",        "生日",       "旅行",
    "怎么办",     "写一封",  "祝福",    "扮演",     "起个名字",    "广告",       "文案",
    "讲",         "喜欢"};
constexpr const char* kGreetingCues[] = {
    " hi ",         " hello ", " hey ", " thanks ", " thank you ", " bye ", " good morning ",
    " good night ", " lol ",   " you ", " your ",   " are you ",   "你好",  "谢谢",
    "再见",         "早上好",  "晚安",  "哈哈",     "你是",        "你会",  "你能",
    "聊",           "呀",      "啦",    "吧",       "呢"};

constexpr std::span<const char* const> kCueLists[kCueGroups] = {
    kProgramCues,   kChangeCues,  kStoryCues,       kMathCues,   kChoiceCues,  kFactCues,
    kGivenTextCues, kSummaryCues, kTranslationCues, kFormatCues, kFeelingCues, kGreetingCues};

constexpr std::size_t kNearUnits = 60;  ///< at both ends, where what is wanted stands

double count_in(std::string_view text, std::string_view cue) {
  // The blank behind a word may be the one before the next.
  const std::size_t step = cue.size() > 1 && cue.back() == ' ' ? cue.size() - 1 : cue.size();
  double count = 0;
  for (std::size_t at = text.find(cue); at != text.npos; at = text.find(cue, at + step)) count += 1;
  return count;
}

}  // namespace

std::array<double, kCueGroups> cue_counts(std::string_view text,
                                          const std::vector<TextUnit>& units) {
  // The units between the ends belong to passages and programs that a request brings along.
  std::string near = " ";
  for (std::size_t i = 0; i < units.size(); ++i) {
    if (i >= kNearUnits && i + kNearUnits < units.size()) continue;
    near += units[i].text + " ";
  }
  std::array<double, kCueGroups> counts{};
  for (std::size_t group = 0; group < kCueGroups; ++group) {
    for (const std::string_view cue : kCueLists[group]) {
      counts[group] += count_in(cue.front() == ' ' ? std::string_view(near) : text, cue);
    }
  }
  return counts;
}

}  // namespace pangu::adaptive
