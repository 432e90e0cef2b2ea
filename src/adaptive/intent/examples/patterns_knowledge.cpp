// SPDX-License-Identifier: Apache-2.0
#include "adaptive/intent/examples/patterns.h"

namespace pangu::adaptive {
namespace {

constexpr const char* kKnowledgePatterns[] = {
    "What is {term}?",
    "Who discovered {term}?",
    "When was {term} first described, and by whom?",
    "Which of the following best describes {term}?\nA. {term2}\nB. {term3}\nC. {term4}\nD. None of "
    "these\nAnswer:",
    "Exam in {subject}. Each question has one right option.\n\nWhich of the following is a "
    "property of {term}?\nA. It is always increasing\nB. It depends on {term2}\nC. It does not "
    "depend on {term3}\nD. It is measured in {unit}\nAnswer: B\n\nWhat does {term4} cause?\nA. "
    "{term}\nB. {term2}\nC. {term3}\nD. Nothing\nAnswer:",
    "Pick the one option that is right.\n\nWhich statement about {term} is correct?\nA. It was "
    "introduced before {term2}\nB. It is a kind of {term3}\nC. It has no relation to {term4}\nD. "
    "All of the above\nAnswer:",
    "Question: The {unit} is a unit of which quantity?\nA. {term}\nB. {term2}\nC. {term3}\nD. "
    "{term4}\nAnswer:",
    "Quiz on {subject}.\n\nWhat is the main effect of {term}?\nA. It lowers {term2}\nB. It has no "
    "effect\nC. It produces {term3}\nD. It stops after a while\nAnswer: C\n\nWhich scientist is "
    "known for {term2}?\nA. Newton\nB. Curie\nC. Turing\nD. Darwin\nAnswer: D\n\nWhere does one "
    "find {term4}?\nA. In {country}\nB. In every cell\nC. In a circuit\nD. Nowhere\nAnswer:",
    "A student claims that {term} always comes before {term2}. Which observation would contradict "
    "this?\nA. {term3} was measured first\nB. Both happened at once\nC. Nothing was seen\nD. The "
    "claim cannot be tested\nAnswer:",
    "When a ray of light enters glass from air, which of these stays the same?\nA. Speed\nB. "
    "Wavelength\nC. Frequency\nD. Direction\nAnswer:",
    "The half-life of a nuclide is {a} days. After which process does the atomic number rise by "
    "one?\n(A) alpha decay\n(B) beta decay\n(C) gamma decay\n(D) fission",
    "{passage} {passage2}\nQuestion: can you still visit it today?\nOptions:\nA. No\nB. "
    "Yes\nAnswer:",
    "Consider the text and pick an option.\n\n{passage}\n\nis it the same thing as {term}\nA. "
    "Yes\nB. No",
    "Which complexity class contains problems whose solutions can be checked in polynomial "
    "time?\nA. P\nB. NP\nC. L\nD. EXP\nAnswer:",
    "What does a compiler do with source code?\nA. Runs it line by line\nB. Translates it to "
    "machine code\nC. Deletes comments only\nD. Sends it to the printer\nAnswer:",
    "Select the translation of this statement into predicate logic: all cats are animals.\nA. "
    "(x)(Cx > Ax)\nB. (Ex)(Cx & Ax)\nC. (x)(Cx & Ax)\nD. Ca\nAnswer:",
    "下列关于死锁的叙述，错误的是\nA. 可以预防\nB. 需要四个必要条件\nC. 与资源有关\nD. "
    "只在网络中出现\n答案：D\n\n页面置换算法中，可能出现异常现象的是\nA. LRU\nB. FIFO\nC. OPT\nD. "
    "LFU\n答案：",
    "用于检测传输错误的编码是\nA. 循环冗余码\nB. ASCII码\nC. 汉字编码\nD. 二进制码",
    "将少量金属钠投入水中，观察到的现象是（ ）\nA. 沉入水底\nB. 浮在水面并熔成小球\nC. "
    "无明显现象\nD. 溶液变蓝\n答案：",
    "监督学习与无监督学习的主要区别在于____\nA. 数据量\nB. 是否有标签\nC. 模型大小\nD. "
    "编程语言\n答案：",
    "一束光从空气射入水中，不变的量是\nA. 速度\nB. 波长\nC. 频率\nD. "
    "方向\n答案：C\n\n带电粒子在匀强磁场中做圆周运动，其半径与什么有关？\nA. 速度\nB. 颜色\nC. "
    "体积\nD. 时间\n答案：",
    "Is {term} the same as {term2}? Yes or no.",
    "{passage}\n\nyes or no: is {term} part of {subject}?\nAnswer:",
    "{passage}\nQuestion: does the law allow this in every country\nAnswer:",
    "Passage: {passage}\nQuestion: was it ever changed after {year}?\nAnswer (yes or no):",
    "How does {term} work?",
    "Why is {term} important in {subject}?",
    "What is the difference between {term} and {term2}?",
    "What is the capital of {country}?",
    "How many people live in {country}?",
    "Which river flows through the capital of {country}?",
    "In which year did {event} happen?",
    "Who wrote the most famous book about {event}?",
    "what language do they speak in {country}",
    "Name three causes of {event}.",
    "True or false: {term} is a concept of {subject}.",
    "Explain {term} in the context of {subject}.",
    "Which element has the atomic number {a}?",
    "An object of mass {a} kg falls from a height of {b} m. Which form of energy does it have just "
    "before it hits the ground?\nA. Potential\nB. Kinetic\nC. Chemical\nD. Thermal\nAnswer:",
    "Which of the following compounds is the strongest acid?\nA. HF\nB. HCl\nC. CH3COOH\nD. "
    "H2O\nAnswer:",
    "A buffer is prepared from {a} mL of weak acid and its salt. Which statement about its pH is "
    "correct?\nA. It rises sharply\nB. It stays nearly constant\nC. It becomes 7\nD. It cannot be "
    "known",
    "Which data structure does a breadth-first search use?\nA. Stack\nB. Queue\nC. Heap\nD. "
    "Tree\nAnswer:",
    "In Python 3, which of these expressions gives a list?\nA. (1, 2)\nB. [1, 2]\nC. {1: 2}\nD. "
    "\"12\"\nAnswer:",
    "Which attack abuses missing input validation to run commands in a database?\nA. Phishing\nB. "
    "SQL injection\nC. Smurf\nD. Spoofing",
    "In machine learning, what does a high variance of a model mean?\nA. Underfitting\nB. "
    "Overfitting\nC. Bias\nD. Noise\nAnswer:",
    "Which of these is a valid argument form in propositional logic?\nA. Affirming the "
    "consequent\nB. Modus ponens\nC. Denying the antecedent\nD. None",
    "How does it go on?\n\n{name} opens the {goods} box. She\nA. puts the {goods} on the "
    "table.\nB. flies away over the roof.\nC. turns into a river.\nD. sleeps under the water for a "
    "year.\nAnswer:",
    "A person is standing in a kitchen next to a stove. then he\nA. starts cutting vegetables on a "
    "board.\nB. jumps into the oven.\nC. paints the sea.\nD. reads the wall aloud.\nWhich "
    "continuation is the most likely?",
    "{subject} question: which law relates {term} and {term2}?",
    "Tell me the main facts about {event}.",
    "how far is {country} from {country2}",
    "What are the symptoms of a lack of vitamin D?",
    "What happens to the pressure of a gas when it is heated in a closed box?",
    "{术语}是什么？",
    "{术语}和{术语2}有什么区别？",
    "{国}的首都是哪里？",
    "{事件}发生在哪一年？",
    "单选题：下列关于{术语}的说法中，正确的是（ ）。\nA. 与{术语2}无关\nB. 属于{科目}的内容\nC. "
    "只在{国}使用\nD. 以上都不对\n答案：",
    "{科目}期末考试，每题只有一个选项是对的。\n\n{术语}的主要作用是____\nA. {术语2}\nB. "
    "{术语3}\nC. {术语4}\nD. 以上都是\n答案：C\n\n与{术语}关系最密切的是____\nA. {术语2}\nB. "
    "{术语3}\nC. {术语4}\nD. 都不是\n答案：",
    "以下哪一项是{术语}的特点？\nA. 速度快\nB. 成本低\nC. 容量大\nD. 以上都是\n答案：",
    "谁发现了{术语}？",
    "为什么天空是蓝色的？",
    "{科目}中，{术语}的定义是什么？",
    "简述{事件}的历史意义。",
    "判断对错：{术语}是{科目}中的一个概念。",
    "下列物质中，属于电解质的是\nA. 蔗糖\nB. 酒精\nC. 氯化钠\nD. 铜\n答案：",
    "质量为{a}kg的物体在光滑水平面上受到{b}N的力，关于它的运动，下列说法正确的是\nA. 静止\nB. "
    "匀速\nC. 匀加速\nD. 无法判断",
    "在操作系统中，进程从运行状态变为阻塞状态的原因是____\nA. 时间片用完\nB. 等待I/O\nC. "
    "被抢占\nD. 运行结束\n答案：",
    "TCP属于OSI模型的哪一层？\nA. 物理层\nB. 网络层\nC. 传输层\nD. 应用层",
    "CPU中用来存放下一条指令地址的寄存器是____。\nA. IR\nB. PC\nC. MAR\nD. MDR\n答案：",
    "题目：在数据库中，保证事务要么全做要么全不做的性质称为\nA. 一致性\nB. 原子性\nC. 隔离性\nD. "
    "持久性",
    "在Unix系统中，显示当前目录内容的命令是\nA. ls\nB. cp\nC. rm\nD. mv\n答案：",
    "{国}使用什么货币？",
    "中国最长的河流是哪一条？它流经哪些省份？",
    "{术语}最早是在哪一年提出的",
    "光合作用需要哪些条件？",
    "do you know {术语}是谁提出的？",
};

}  // namespace

Patterns knowledge_patterns() {
  return kKnowledgePatterns;
}

}  // namespace pangu::adaptive
