// SPDX-License-Identifier: Apache-2.0
#include "adaptive/intent/examples/fillers.h"

namespace pangu::adaptive {
namespace {

constexpr const char* kLanguages[] = {"Python", "JavaScript", "C++",  "Java", "Go",     "Rust",
                                      "C",      "TypeScript", "Ruby", "C#",   "Kotlin", "PHP"};
constexpr const char* kTags[] = {"python", "js", "cpp", "java", "go", ""};
constexpr const char* kFunctions[] = {"count_words", "find_max",   "merge_lists", "is_valid",
                                      "parse",       "get_total",  "reverse",     "rotate_array",
                                      "solve",       "longest_run"};
constexpr const char* kTasks[] = {"returns the sum of all even numbers in a list",
                                  "checks whether a string is a palindrome",
                                  "sorts a dictionary by its values",
                                  "finds the longest common prefix of some strings",
                                  "removes duplicates but keeps the order",
                                  "downloads a file and checks its hash",
                                  "computes the nth Fibonacci number",
                                  "merges two sorted arrays",
                                  "counts vowels in a text",
                                  "reads a CSV file and groups rows by column",
                                  "sends an email when a disk is full",
                                  "validates an email address",
                                  "renames all pictures in a folder by date",
                                  "implements an LRU cache",
                                  "rotates a matrix by 90 degrees",
                                  "converts roman numerals",
                                  "finds all prime numbers below a limit",
                                  "flattens a nested list"};
constexpr const char* kCapitalTasks[] = {"Return the sum of all even numbers in the list",
                                         "Check whether the string is a palindrome",
                                         "Find the longest word that has no repeated letters",
                                         "Count how many numbers are above the mean",
                                         "Return the list without its smallest element",
                                         "Rotate the list to the right by one place"};
constexpr const char* kInfinitiveTasks[] = {"find the maximum product of two numbers in a list",
                                            "remove all digits from a given string",
                                            "check if a given number is a perfect square",
                                            "find the shared elements of two tuples",
                                            "sort a list of tuples by the second element",
                                            "count the set bits of an integer",
                                            "convert a list of characters to a string",
                                            "find the length of the longest increasing run",
                                            "compute the surface area of a cube",
                                            "split a string at every capital letter",
                                            "find the nth largest number in an array",
                                            "interleave two lists"};
constexpr const char* kProperties[] = {"prime",    "even",     "smallest",
                                       "repeated", "balanced", "unique"};
constexpr const char* kCodeThings[] = {"number", "string", "tree",  "triangle",
                                       "vowel",  "word",   "matrix"};
constexpr const char* kOrdinals[] = {"first", "second", "nth", "last"};
constexpr const char* kColumns[] = {"name", "age", "salary", "balance", "created_at", "orders"};
constexpr const char* kFrameworks[] = {"Flask",       "Django",  "Express",
                                       "Spring Boot", "FastAPI", "Vue"};
constexpr const char* kRegexes[] = {"a date like 2024-05-31", "an IPv4 address", "a hex colour",
                                    "an email address"};
constexpr const char* kErrors[] = {"IndexError: list index out of range",
                                   "TypeError: unsupported operand type(s)",
                                   "NullPointerException",
                                   "undefined is not a function",
                                   "Segmentation fault (core dumped)",
                                   "KeyError: 'id'"};
constexpr const char* kWords[] = {"banana", "level", "pangu", "window", "abcabc"};
constexpr const char* kCode[] = {
    "def total(items):\n    s = 0\n    for i in range(len(items) + 1):\n        s += items[i]\n    "
    "return s",
    "def is_even(n):\n    if n % 2 == 0:\n        return True\n    else:\n        return False",
    "function add(a, b) {\n  var result = a + b\n  console.log(result)\n}",
    "for (int i = 0; i <= n; i++) {\n    sum += arr[i];\n}\nprintf(\"%d\\n\", sum);",
    "public int max(int[] a) {\n    int m = 0;\n    for (int x : a) if (x > m) m = x;\n    return "
    "m;\n}",
    "class Stack:\n    def __init__(self):\n        self.items = []\n    def pop(self):\n        "
    "return self.items.pop(0)",
    "def fib(n):\n    if n < 2:\n        return n\n    return fib(n - 1) + fib(n - 2)",
    "const users = await fetch('/api/users').then(r => r.json())\nusers.map(u => "
    "u.name).forEach(console.log)",
    "fn longest<'a>(a: &'a str, b: &'a str) -> &'a str {\n    if a.len() > b.len() { a } else { b "
    "}\n}",
    "func reverse(s string) string {\n\tr := []rune(s)\n\tfor i, j := 0, len(r)-1; i < j; i++ "
    "{\n\t\tr[i], r[j] = r[j], r[i]\n\t}\n\treturn string(r)\n}",
    "SELECT name, COUNT(*) FROM orders WHERE total > 100 ORDER BY COUNT(*)",
    "def read(path):\n    f = open(path)\n    data = f.read()\n    return data.split('\\n')",
    "while left < right:\n    mid = (left + right) / 2\n    if a[mid] < x:\n        left = mid\n   "
    " else:\n        right = mid",
    "template <class T>\nvoid swap(T a, T b) {\n  T t = a;\n  a = b;\n  b = t;\n}",
    "import re\ndef remove_digits(s):\n\treturn re.sub(r'[0-9]', '', s)\r\n"};
constexpr const char* kDiffs[] = {
    "--- a/app.py\n+++ b/app.py\n@@ -10,4 +10,5 @@\n-    return x\n+    if x is None:\n+        "
    "return 0\n+    return x",
    "- const LIMIT = 10\n+ const LIMIT = process.env.LIMIT || 10"};
constexpr const char* kSchemas[] = {
    "{\"type\": \"object\", \"properties\": {\"name\": {\"type\": \"string\"}, \"age\": {\"type\": "
    "\"integer\"}}}",
    "{\"title\": string, \"tags\": [string], \"score\": number}",
    "{\"sentiment\": \"positive\" | \"negative\", \"reason\": string}"};
constexpr const char* kJson[] = {"{\"name\": \"Ada\", \"langs\": [\"en\", \"fr\"], \"age\": 36}",
                                 "[{\"id\": 1, \"ok\": true}, {\"id\": 2, \"ok\": false}]",
                                 "{\"server\": {\"port\": 8080, \"host\": \"localhost\"}}"};

constexpr FillerList kCodeLists[] = {{"lang", kLanguages},
                                     {"tag", kTags},
                                     {"fn", kFunctions},
                                     {"task", kTasks},
                                     {"Task", kCapitalTasks},
                                     {"taskto", kInfinitiveTasks},
                                     {"prop", kProperties},
                                     {"thing", kCodeThings},
                                     {"ordinal", kOrdinals},
                                     {"col", kColumns},
                                     {"framework", kFrameworks},
                                     {"regex", kRegexes},
                                     {"err", kErrors},
                                     {"word", kWords},
                                     {"code", kCode},
                                     {"diff", kDiffs},
                                     {"schema", kSchemas},
                                     {"json", kJson}};

}  // namespace

std::span<const FillerList> code_fillers() {
  return kCodeLists;
}

}  // namespace pangu::adaptive
