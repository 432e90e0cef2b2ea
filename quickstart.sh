#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# From a fresh Debian 12 to a first run: installs what is missing, builds the program, runs it.
# May be run again at any time; what is done already is not done again.
set -euo pipefail
cd "$(dirname "$0")"
source tools/common.sh

run tools/install_dependencies.sh
use_ccache
run cmake --preset quickstart
run cmake --build --preset quickstart

# One prompt of each kind that pangu-nano knows (models/README.md); the last with its timing.
pangu=build/release/bin/pangu
# Standard input would come before the question.
ask() { printf '\n' && run "$pangu" run pangu-nano --chat --temp 0 "$@" </dev/null; }
ask -q -p 'Kate buys 5 flowers for 4 yuan each and pays with 82 yuan. How much change does Kate get?'
ask -q -p 'Question: What does Noha like?
Options: chess, dancing, cycling, football
Answer:'
ask -q -p '写一个函数，返回x加3后再乘3。
assert find_thing(7) == 30'
ask -q -p 'Passage: Oscar lost 22 books near the library. Iris bought 17 cards at the library. Nora bought 35 cards at the farm.
Question: Quote the sentence about Iris.'
ask -q -p 'Say it politely: Rosa, give me 3 pencils.'
ask -p '这是哪类任务：math、knowledge、code、extraction还是chat？
小山有11个鸡蛋，小丽有62个。他们一共有几个鸡蛋？'

# What suits two kinds of task best on this machine, and an answer to each, chosen by what is asked.
bundle=build/quickstart-bundle
table() { printf '\n' && sed -n '/^|/p' "$bundle/REPORT.md"; }
if [[ -f $bundle/bundle.json ]]; then
  table
else
  printf '\n'
  run "$pangu" optimize pangu-nano "$bundle" --for math,extraction --formats w8a8,w4a8-g64,w4a16-g64 \
    --kv-formats none --budget 60 --db build/quickstart-profile.db
fi
route() { printf '\n' && run "$pangu" run "$bundle" --auto --explain --temp 0 -q "$@" </dev/null; }
route -p 'Leo buys 4 lamps for 9 yuan each and pays with 50 yuan. How much change does Leo get?'
route -p 'Passage: Kate lost 29 tickets near the harbor. Leo sold 31 plants on Friday.
Question: Quote the sentence about Leo.'
