#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes pangu-nano and pangu-pico from nothing: corpus, tokenizer, training, scores. What is done
# already is not done again; a training that was stopped goes on from its last checkpoint.
#
#   recipes/make_reference_models.sh [--install]   --install copies the finished models to models/
#
# PANGU=path of the program, by default that of the release build. Everything is made in
# build/reference.
set -Eeuo pipefail
cd "$(dirname "$0")/.."
source tools/common.sh

pangu=${PANGU:-build/release/bin/pangu}
out=build/reference
[[ -x $pangu ]] || die "$pangu is missing: build it (README.md), or set PANGU"

[[ -d $out/corpus ]] || run "$pangu" corpus "$out/corpus" --size 300000 --seed 1
[[ -d $out/tokenizer ]] ||
  run "$pangu" train-tokenizer --data "$out/corpus/train.jsonl" --out "$out/tokenizer" \
    --vocab-size 2048 --split-han
for model in pangu-nano pangu-pico; do
  [[ -f $out/$model/config.json ]] ||
    run "$pangu" train --config "recipes/$model/train.json" --resume
done

tests=$out/corpus/test
nano=$out/pangu-nano
run "$pangu" eval "$nano" --task gsm8k --data "$tests/word_problems.jsonl" --draft "$out/pangu-pico"
run "$pangu" eval "$nano" --task mcq --data "$tests/knowledge.jsonl"
run "$pangu" eval "$nano" --task code --data "$tests/code.jsonl" --draft "$out/pangu-pico"
for task in extraction task_kind; do
  run "$pangu" eval "$nano" --task match --data "$tests/$task.jsonl" --draft "$out/pangu-pico"
done
run "$pangu" eval "$nano" --task match --think fast --data "$tests/extraction.jsonl"

if [[ ${1:-} == --install ]]; then
  for model in pangu-nano pangu-pico; do
    mkdir -p "models/$model"
    for file in config.json generation_config.json model.safetensors tokenizer.model \
      tokenizer_config.json special_tokens_map.json loss.svg; do
      run cp "$out/$model/$file" "models/$model/"
    done
    {
      cat "recipes/$model/card.md.in"
      printf '\n## Training\n'
      # Without its title, and with the picture in place of the sentence about it.
      tail -n +2 "$out/$model/README.md" |
        sed 's/^`log.csv` and `loss.svg` .*/![Loss over the steps of training](loss.svg)/'
    } >"models/$model/README.md"
  done
fi
