// SPDX-License-Identifier: Apache-2.0
#include "adaptive/intent/examples/patterns.h"

namespace pangu::adaptive {
namespace {

constexpr const char* kMathPatterns[] = {
    "{name} has {a} {goods} and buys {b} more. Then {name2} takes half of them. How many {goods} "
    "does {name} have left?",
    "{name} sells {goods} at the market for ${a} each. On {day} she sold {b} of them and on the "
    "next day twice as many. How much money did she make in the two days?",
    "A {shop} has {a} boxes with {b} {goods} in each. {c} of the {goods} are broken and the rest "
    "are sold for ${d} a piece. What is the total income?",
    "{name} runs {a} miles every {day} and {b} miles on each other day. How many miles does {name} "
    "run in {c} weeks?",
    "The price of a ticket went up by {a}%. If it cost ${b} before, how much does {name} pay for "
    "{c} tickets now?",
    "A train travels at {a} miles per hour for {b} hours, then at {c} miles per hour for another "
    "{d} hours. What is the average speed of the whole trip?",
    "{name} is {a} years older than {name2}. In {b} years the sum of their ages will be {c}. How "
    "old is {name2} now?",
    "There are {a} students in a class. {b} percent of them play football, and a third of those "
    "also play chess. How many students play both?",
    "{name} reads {a} pages a day. Her book has {b} pages, of which she has already read {c}. How "
    "many more days does she need to finish it?",
    "{name} earns ${a} an hour and works {b} hours a week. Her rent is ${c} a month. How much is "
    "left after {d} weeks?",
    "A recipe for {b} people needs {a} grams of flour. {name} wants to bake for {c} people. How "
    "many kilograms of flour are needed?",
    "{name}, {name2} and {name3} share {a} {goods} so that {name} gets twice as many as {name2}, "
    "and {name3} gets {b} fewer than {name}. How many does {name3} get?",
    "A tank holds {a} gallons. It is filled at {b} gallons per minute while {c} gallons leak out "
    "every minute. How long does it take until it is full?",
    "{name} bought {a} {goods} for ${b} each, paid with a ${c}00 bill and got a discount of {d}%. "
    "How much change did she receive?",
    "Each of {name}'s {a} chickens lays {b} eggs a week. He eats {c} eggs and sells the others by "
    "the dozen for $3. How much does he earn per week?",
    "{name} spends a third of his savings on {goods} and a quarter of the remainder on a gift. If "
    "${a} is left, how much did he have at first?",
    "A garden is {a} feet long and {b} feet wide. Fence posts stand every {c} feet. How many posts "
    "are there?",
    "{name} is saving for a bicycle that costs ${c}0. She already has ${a}. Every week she gets "
    "${b} of pocket money, and on {day}s she walks the dog of {name2} for another $5. How many "
    "weeks will it take until she can buy it?",
    "Last year {name}'s orchard gave {a}0 baskets of fruit. This year it gave {b}% more, but a "
    "storm destroyed a tenth of them before they could be sold. If every basket sells for ${c}, "
    "what are this year's earnings?",
    "A bus starts with {a} passengers. At the first stop {b} get off and twice as many get on. At "
    "the second stop half of all passengers leave. How many are on the bus after that?",
    "{name} bakes {goods} for the school fair. Her oven holds {a} at a time and a batch takes {b} "
    "minutes. She also needs {c} minutes at the end to clean up. If she wants to make {d}0, how "
    "long will she be busy, in hours?",
    "In a zoo there are {a} monkeys, {b} more parrots than monkeys, and as many snakes as a third "
    "of the parrots. What is the total number of animals?",
    "{name} drove {a} miles on the first day of the trip, {b} miles on the second, and on the "
    "third as far as on both days before. Her car uses a gallon for every {c} miles and gas is "
    "${d}.50 a gallon. How much did she spend on gas?",
    "{name3} works out for {a} minutes on weekdays and {b} minutes more than that on {day}. What "
    "is his total time for the week?",
    "The ages of {name}, {name2} and {name3} add up to {a}. {name} is twice as old as {name2}, who "
    "is {b} years younger than {name3}. Find {name3}'s age.",
    "{name} splits a pizza with {a} slices among {b} friends. Each eats {c} slices except {name2}, "
    "who eats one less. How many slices remain?",
    "A factory makes {a} shirts per hour for the first {b} hours of a shift and {c} per hour after "
    "that. The shift is 10 hours long. {d} shirts fail the inspection. How many good shirts are "
    "made each shift?",
    "{name} planted {a} rows of {b} tulips. Rabbits ate {c} of them in spring. In summer she "
    "replaced a half of the lost ones. How many tulips does she have in the end?",
    "To make {a} liters of lemonade {name} uses {b} lemons. At ${c} per lemon, what will the "
    "lemons for {d} liters cost?",
    "Test in algebra, one right option each.\n\nLet p = (1, 2, {a}) in the symmetric group. What "
    "is the order of p?\nA. 1\nB. 2\nC. 3\nD. 6\nAnswer: C\n\nFind the characteristic of the ring "
    "Z_{b} x Z_{c}.\nA. 0\nB. {b}\nC. {c}\nD. {d}\nAnswer:",
    "If 3x - {a} = {b}, what is the value of x + 1?\nA. {a}\nB. {b}\nC. {c}\nD. {d}\nAnswer:",
    "A random sample of {a} students was asked about their sleep. The mean was {b} hours. Which "
    "test is appropriate for the hypothesis that the population mean is 8?\nA. z-test\nB. "
    "t-test\nC. chi-square test\nD. F-test",
    "Which of the following is the inverse function of $y = {a}x - {b}$?\nA. $y = "
    "\\frac{x+{b}}{{a}}$\nB. $y = {b}x$\nC. $y = \\frac{1}{x}$\nD. none\nAnswer:",
    "The vectors (1, {a}) and ({b}, k) are orthogonal for which k?\nA. {c}\nB. -{b}/{a}\nC. 0\nD. "
    "{d}",
    "高等数学试题，每题选一个答案。\n\n设$f(x)=x^2\\ln x$，则$f'(1)=$____\nA. 0\nB. 1\nC. 2\nD. "
    "e\n答案：B\n\n$\\int_0^1 {a}x^2dx=$____\nA. {a}\nB. {b}\nC. {c}\nD. {d}\n答案：",
    "设$A$为$n$阶矩阵，下列结论正确的是____\nA. $|kA|=k|A|$\nB. $|A^T|=|A|$\nC. "
    "$|A+B|=|A|+|B|$\nD. $AB=BA$\n答案：",
    "若集合$A=\\{1,2,{a}\\}$，$B=\\{2,{b}\\}$，则$A\\cap B$的元素个数为\nA. 0\nB. 1\nC. 2\nD. 3",
    "样本容量为{a}，样本均值为{b}，方差已知为{c}，则总体均值的置信区间为____。",
    "图G有{a}个顶点和{b}条边，下列说法正确的是\nA. G一定连通\nB. 所有顶点度数之和为2×{b}\nC. "
    "G是树\nD. G有欧拉回路\n答案：",
    "What is {a} * {b} + {c}?",
    "Calculate {a}.5 / {b} to two decimal places.",
    "Solve for x: {a}x + {b} = {c}x - {d}",
    "Find the derivative of f(x) = {a}x^3 - {b}x^2 + \\sin({c}x).",
    "Evaluate the integral $\\int_0^{a} (x^2 + {b}x)\\,dx$.",
    "Compute the determinant of the matrix [[{a}, {b}], [{c}, {d}]].",
    "If $f(x) = {a}x + {b}$ and $g(x) = x^2 - {c}$, what is $f(g({d}))$?\nA. {a}\nB. {b}\nC. "
    "{c}\nD. {d}\nAnswer:",
    "Find all real solutions of $x^2 - {a}x + {b} = 0$. Show your work step by step.",
    "What is the probability of drawing two red balls in a row from a bag with {a} red and {b} "
    "blue balls?",
    "How many ways are there to arrange {b} people around a round table if two of them must not "
    "sit together?",
    "Let G be a group of order {a}. How many subgroups of order {b} can G have?\nA. 0\nB. 1\nC. "
    "2\nD. {c}\nAnswer:",
    "Find the order of the factor group Z_{a} x Z_{b} / <(1, 2)>.",
    "A sample of {a} measurements has mean {b} and standard deviation {c}. Give a 95% confidence "
    "interval for the mean.",
    "Statement 1 | Every finite integral domain is a field. Statement 2 | Every permutation is a "
    "cycle.\nA. True, True\nB. False, False\nC. True, False\nD. False, True",
    "Prove that the sum of two odd numbers is even.",
    "The sum of {b} consecutive integers is {a}0. Find the largest of them.",
    "Convert {a} degrees Fahrenheit to Celsius. Let's think step by step.",
    "What is the limit of (1 + {a}/n)^n as n goes to infinity?",
    "The random variable X is normal with mean {a} and variance {b}. What is P(X > {c})?",
    "A circle has a radius of {a} cm. What is the area of a sector with an angle of {b} degrees?",
    "Question: {name} had {a} {goods}. She gave {b} to {name2} and {c} to {name3}, then found {d} "
    "more. How many {goods} does she have now?\nAnswer:",
    "{name} needs {a} {goods} for a party with {b} guests, each of whom eats {c}. {goods} come in "
    "packs of {d}. How many packs must she buy?",
    "Two friends drive towards each other from towns {a}0 miles apart, one at {b} mph and the "
    "other at {c} mph. After how many hours do they meet?",
    "{名}有{a}个{物}，又买了{b}个，送给{名2}{c}个，还剩多少个？",
    "一家商店上午卖出{a}箱{物}，下午卖出的是上午的{b}倍，每箱{c}元，全天共收入多少元？",
    "甲乙两地相距{a}0千米，一辆汽车以每小时{b}千米的速度从甲地开往乙地，行驶{c}"
    "小时后距乙地还有多少千米？",
    "一件衣服原价{a}0元，打八折后又减{b}元，现价是多少？",
    "{名}今年{a}岁，爸爸比他大{b}岁，几年后爸爸的年龄是他的2倍？",
    "计算：{a}×{b}－{c}÷{d}",
    "解方程：{a}x－{b}＝{c}",
    "求函数$f(x)=x^{b}-{a}x+{c}$的导数，并求其极值点。",
    "已知等差数列{an}中，$a_1={a}$，公差$d={b}$，求前{c}项的和。",
    "设随机变量$X$服从参数为{a}的泊松分布，则$P(X=0)=$____\nA. $e^{-{a}}$\nB. ${a}$\nC. "
    "$1-e^{-{a}}$\nD. $\\frac{1}{{a}}$\n答案：",
    "求极限 $\\lim_{x\\to 0}\\frac{\\sin {a}x}{{b}x}$",
    "袋中有{a}个红球和{b}个白球，任取两个，都是红球的概率是多少？",
    "若矩阵A的特征值为{a}、{b}、{c}，则|A|等于____。\nA. {a}\nB. {b}\nC. {c}\nD. {d}",
    "下列函数中，在区间(0, +∞)上单调递增的是\nA. y=1/x\nB. y=-x+{a}\nC. y=x^2\nD. y=-\\ln "
    "x\n答案：",
    "一个长方形的长是{a}厘米，宽是{b}厘米，把长增加{c}厘米后面积增加多少平方厘米？",
    "{a}个工人{b}天能完成一项工程，如果增加到{c}个工人，需要多少天？请写出过程。",
    "设A、B为两个事件，P(A)=0.{a}，P(B)=0.{b}，则P(A∪B)的最大值为多少？",
    "命题p与q的真值表中，p→q为假的情况有几种？\nA. 1\nB. 2\nC. 3\nD. 4",
    "班里有{a}名学生，其中男生占{b}%，女生有多少人？",
    "please算一下 {a} 的 {b}% 是多少，再加上 {c}",
    "鸡兔同笼，共有{a}个头，{b}0只脚，鸡和兔各有多少只？",
};

}  // namespace

Patterns math_patterns() {
  return kMathPatterns;
}

}  // namespace pangu::adaptive
