// SPDX-License-Identifier: Apache-2.0
#include "adaptive/intent/examples/patterns.h"

namespace pangu::adaptive {
namespace {

constexpr const char* kCodePatterns[] = {
    "Write a {lang} function that {task}.",
    "Write a function to {taskto}.",
    "Write a python function to {taskto}.\nassert {fn}({a}, {b}) == {c}",
    "{lang}: implement {fn}() so that it {task}. Include a docstring.",
    "Implement a class in {lang} that {task}. It should be thread-safe.",
    "I need a small {lang} script that {task} and prints the result.",
    "Can you code a command line tool in {lang} which {task}?",
    "def {fn}(items, limit):\n    \"\"\"Return the value that {task}.\n    >>> {fn}([1, 2, 3], "
    "{a})\n    {b}\n    \"\"\"\n",
    "from typing import List\n\n\ndef {fn}(numbers: List[int]) -> int:\n    \"\"\" {Task}.\n    "
    ">>> {fn}([{a}, {b}, {c}])\n    {d}\n    >>> {fn}([])\n    0\n    \"\"\"\n",
    "\n\ndef {fn}(text):\n    '''\n    Given a string, write a function that {task}.\n    "
    "Example:\n    {fn}(\"abc\") ==> \"cba\"\n    '''\n",
    "def {fn}(x: str, y: int) -> bool:\n    \"\"\"{Task}\n\n    For example:\n    {fn}('hello', "
    "{a}) # => True\n    {fn}('', {b}) # => False\n    \"\"\"",
    "Complete this function:\n\nfunction {fn}(a, b) {\n  // {task}\n",
    "Write an SQL query that lists the {col} of all customers whose {col2} is above {a}.",
    "Give me a regular expression that matches {regex}.",
    "How do I write a bash one-liner that {task}?",
    "Show me how to {taskto} in {lang}.",
    "It has to pass\n\nassert {fn}(\"{word}\") == {a}\n\nWrite a function to {taskto}.",
    "As an experienced developer, write a function to {taskto}. These checks must hold:\n\nassert "
    "{fn}([{a},{b},{c}]) == {d}\nassert {fn}([]) == 0",
    "Please write unit tests in {lang} for a function that {task}.",
    "create an html page with a button that {task} when clicked, css included",
    "Build a REST endpoint with {framework} that {task}.",
    "What would a recursive {lang} implementation look like that {task}? Only code please.",
    "write me a quick program, {lang}, reads a file line by line and {task}",
    "Develop an algorithm that {task} in O(n log n) and give the {lang} source.",
    "Generate a Dockerfile and a compose file for a {framework} app with a database.",
    "Write a makefile with targets build, test and clean for a project in {lang}.",
    "Solve this in {lang}: given an array of n integers, find the pair whose sum is {a}. Return "
    "the indices.",
    "Given a binary tree, return the values level by level. Write the solution in {lang}.",
    "Implement quicksort, then mergesort, in {lang}.",
    "Write a function to check whether the given {thing} is {prop} or not.",
    "Write a function to find the {ordinal} {prop} element in the given list.",
    "Write a python function to count the number of {thing} in a given string.",
    "写一个{lang}函数，{任务}。",
    "用{lang}实现：{任务}，要有注释。",
    "请帮我写一段{lang}代码，{任务}。",
    "编写程序：{任务}。输入一行整数，输出一个整数。",
    "帮我用{framework}写一个接口，功能是{任务}",
    "用正则表达式匹配{regexzh}，怎么写？",
    "写一条SQL语句，查询{col}大于{a}的所有用户，并按{col2}降序排列。",
    "实现一个类{fn}，要求{任务}，给出完整的{lang}代码。",
    "写个shell脚本，{任务}，每天凌晨{a}点运行。",
    "请完成下面的函数：\ndef {fn}(nums):\n    \"\"\"{任务}\"\"\"\n",
    "力扣题：给定一个整数数组，{任务}。请用{lang}写出解法，并说明时间复杂度。",
    "写一个函数，{任务}。\nassert {fn}({a}) == {b}",
    "用{lang} write 一个 function，{任务}，谢谢",
    "我想要一个{lang}小程序，能够{任务}，直接给代码",
    "能不能给我一个单例模式的{lang}示例代码？",
    "编写单元测试，测试{任务}的函数。",
};

constexpr const char* kCodeEditPatterns[] = {
    "Fix the bug in this code:\n```{tag}\n{code}\n```",
    "Why does this function return the wrong result?\n\n{code}",
    "Refactor the following code to be more readable:\n\n{code}",
    "{code}\n\nAdd type hints and a docstring to this.",
    "Here is my code:\n\n{code}\n\nMake it faster without changing the output.",
    "Explain what this code does, line by line:\n```\n{code}\n```",
    "Rename the variables in this snippet to meaningful names.\n{code}",
    "I get \"{err}\" when running this:\n\n{code}\n\nWhat is wrong?",
    "Convert this {lang} code to {lang2}:\n{code}",
    "Review this pull request and suggest improvements:\n\n{diff}",
    "Add error handling to the function below.\n\n{code}",
    "```\n{code}\n```\nCan you rewrite this with a list comprehension?",
    "The following test fails. Change the function so that it passes.\n\n{code}\n\nassert "
    "{fn}({a}) == {b}",
    "Remove the duplicated logic here please:\n{code}",
    "What is the time complexity of this, and can you improve it?\n\n{code}",
    "Modify the code so that it also handles an empty list:\n\n{code}",
    "{code}\n\nthis crashes with {err}, please help",
    "Apply this change to the file: instead of printing, log with the logging "
    "module.\n\n```{tag}\n{code}\n```",
    "Turn this loop into a recursive function.\n{code}",
    "Simplify:\n{code}",
    "Add comments to this code:\n\n{code}",
    "Replace the global variable in this program with a parameter:\n\n{code}",
    "Port to {lang}, keep the function names.\n\n```{tag}\n{code}\n```",
    "Is there a memory leak in this code?\n\n{code}",
    "My teammate wrote this. Does it do what its name says, and if not how should it be "
    "changed?\n\n{code}",
    "Update this function: {fn} should take an optional argument `reverse`.\n{code}",
    "Here is a stack trace and the code it came from.\nTraceback (most recent call last):\n  File "
    "\"main.py\", line {a}, in {fn}\n{err}\n\n{code}",
    "Write the missing line in this code so that it works:\n{code}",
    "Make this code async:\n\n{code}",
    "Review:\n\n{code}",
    "下面的代码有bug，帮我修复：\n```{tag}\n{code}\n```",
    "{code}\n\n这段代码是什么意思？请逐行解释。",
    "请优化这段代码的性能：\n{code}",
    "把下面的{lang}代码改写成{lang2}：\n\n{code}",
    "运行时报错“{err}”，怎么改？代码如下：\n{code}",
    "给这个函数加上注释和类型标注：\n\n{code}",
    "重构以下代码，去掉重复部分：\n```\n{code}\n```",
    "代码审查：请指出下面代码的问题并给出修改后的版本。\n{code}",
    "我写的函数结果不对，帮我看看哪里错了\n{code}",
    "修改代码，使它能处理空输入：\n\n{code}",
    "把这段代码里的变量名改得更清楚一些\n\n{code}",
    "```{tag}\n{code}\n```\n为什么这里会死循环？",
    "在原有代码基础上增加日志功能，不要改变接口：\n{code}",
    "这个测试没通过，请修改函数：\n{code}\nassert {fn}({a}) == {b}",
    "帮我 review 一下这段 code，有没有 bug？\n\n{code}",
    "以下代码时间复杂度太高，请改进：\n{code}",
    "解释一下这个函数\n{code}",
    "请把下面这个类改成线程安全的。\n\n{code}",
};

}  // namespace

Patterns code_patterns() {
  return kCodePatterns;
}

Patterns code_edit_patterns() {
  return kCodeEditPatterns;
}

}  // namespace pangu::adaptive
