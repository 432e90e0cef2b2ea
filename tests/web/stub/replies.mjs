// SPDX-License-Identifier: Apache-2.0
// What the stub answers: chosen by a word of the message, so that a test says what it needs.

const kMarkdown = `## Hash tables

A hash table keeps pairs of **key** and *value* in an array. A function \`hash(key)\` says at which place to look:

\`\`\`python
def get(table, key):
    # Walk the chain of this place.
    for stored, value in table[hash(key) % len(table)]:
        if stored == key:
            return value
    raise KeyError(f"no {key!r} among {len(table)} places")
\`\`\`

1. With $n$ keys in $m$ places the load is $\\alpha = n/m$.
2. A search that fails looks at $1 + \\alpha$ entries on average:

$$
\\mathbb{E}[T] = 1 + \\sum_{i=1}^{n} \\frac{1}{m} = 1 + \\alpha, \\qquad \\sqrt{\\frac{\\pi n}{2}} \\approx 1.2533\\sqrt{n}
$$

| operation | average | worst |
|:--|:-:|--:|
| look up | $O(1)$ | $O(n)$ |
| insert | $O(1)$ | $O(n)$ |

> It costs \\$5 or \\(x^2\\), not $5 and $6.

See [the book](https://example.com/book) and ~~nothing else~~.`;

const kMalicious = `Before <script>window.hacked = 1</script> <img src=x onerror="window.hacked = 2">

[click](javascript:window.hacked=3) [data](data:text/html,<script>window.hacked=4</script>) <a href="javascript:window.hacked=5">raw</a>

![pixel](https://example.com/pixel.png?secret=1) ![bad](javascript:window.hacked=6) ![relative](/v1/models)

<iframe src="https://example.com"></iframe><svg onload="window.hacked=7"></svg><style>body{display:none}</style>

<form id="composer" action="https://example.com"><input name="message"></form>

\`\`\`html"><img src=x onerror=window.hacked=8>
<script>window.hacked = 9</script>
\`\`\`

$\\href{javascript:window.hacked=10}{x}$ $\\includegraphics{https://example.com/a.png}$ $\\htmlData{x=1}{y}$ $\\fcolorbox{red}{aqua}{z}$ $\\pmb{x}$

| <img src=x onerror=window.hacked=11> | [x](javascript:alert(1)) |
|---|---|
| \`<script>window.hacked=12</script>\` | <b onclick="window.hacked=13">b</b> |

[def]: javascript:window.hacked=14
[def] <https://example.com/?q="onmouseover=window.hacked=15>

&lt;script&gt;window.hacked=16&lt;/script&gt; After.`;

const kThoughts = `The user asks for a sum. I recall the Basel problem.\n\n- Euler showed $\\sum 1/n^2 = \\pi^2/6$.\n- Check: $1 + 0.25 + 0.111 + \\dots \\approx 1.645$.\n\nI answer with that.`;

/** What to say to a conversation: {reasoning, content, pause (ms between pieces), ...special endings}. */
export function replyTo(messages) {
  const last = messages.at(-1).content;
  const has = (word) => last.toLowerCase().includes(word);
  const refusal = /^status (\d+)/i.exec(last);
  if (refusal) return {status: Number(refusal[1])};
  if (has('malicious')) return {content: kMalicious, pause: 1};
  if (has('hash table')) return {reasoning: kThoughts, content: kMarkdown, pause: 8};
  if (has('markdown')) return {content: kMarkdown, pause: 4};
  if (has('code first')) return {content: `\`\`\`python\ndef f(x):\n    return x\n\`\`\`\n\n${'word '.repeat(400)}`, pause: 40};
  if (has('slow')) return {content: Array.from({length: 400}, (_, i) => `word${i}`).join(' '), pause: 40};
  if (has('ponder')) return {reasoning: kThoughts.repeat(40), content: 'That took long.', pause: 15};
  if (has('think')) return {reasoning: kThoughts, content: 'It is $\\pi^2/6 \\approx 1.645$.', pause: 8};
  if (has('break off')) return {content: 'This will not', pause: 5, end: 'destroy'};
  if (has('fail late')) return {content: 'Some words, then', pause: 5, end: 'error'};
  if (has('limit')) return {content: 'Cut in the mid', pause: 2, finish: 'length'};
  if (has('nothing')) return {content: ''};
  if (has('long')) return {content: Array.from({length: 300}, (_, i) => `### Part ${i}\n\nText with **bold**, \`code\` and $x_{${i}}^2$.`).join('\n\n'), pause: 0};
  if (has('system')) return {content: `System: ${messages.find(({role}) => role === 'system')?.content ?? 'none'}`};
  return {content: `You said: ${last}\n\nThat was message ${messages.filter(({role}) => role === 'user').length}.`, pause: 5};
}
