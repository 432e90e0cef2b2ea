#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Checks that includes follow the arrows between layers, that only models/ names tensors, that nothing
# above ops/ knows of kernels/, and how files begin.
#
#   tools/check_layers.sh              checks the tree
#   tools/check_layers.sh --self-test  proves, on a copy, that each kind of mistake is caught
#
# The arrows are the pangu_add_layer lines of src/CMakeLists.txt and nothing else. A source may
# include its own layer and those named there; a test or fuzzer also what lies below these, and
# tests/support. apps/ and bench/ may include every layer, examples/ the public headers only, and
# public headers only each other.
set -euo pipefail
source "$(dirname "$0")/common.sh"
root=$(cd "$(dirname "$0")/.." && pwd)

check_tree() {
  local tree=$1 dir
  local -a sources
  mapfile -t sources < <(cd "$tree" && for dir in src apps include tests bench examples; do
    [[ -d $dir ]] && find "$dir" \( -name '*.cpp' -o -name '*.h' \) ! -path '*/build/*'
  done | sort)
  [[ ${#sources[@]} -gt 0 ]] || die "no sources under $tree"
  (cd "$tree" && awk '
    function report(text) { print FILENAME ":" FNR ": " text; ++bad }
    function layer_of(path, parts) {
      if (path in header_layer) return header_layer[path]
      split(path, parts, "/")
      return parts[1]
    }
    # Whether `from` reaches `to` over arrows, any number of them.
    function reaches(from, to, l) {
      if (from == to) return 1
      for (l in is_layer) if ((from, l) in arrow && reaches(l, to)) return 1
      return 0
    }
    function finish_file() {
      if (name ~ /\.h$/ && !has_pragma) { print name ": has no #pragma once"; ++bad }
    }

    BEGIN {
      # Public headers belong to the layer that implements them, or to base if all may use them.
      split("error token dtype sampling tokenizer constraint", shared)
      for (i in shared) header_layer["pangu/" shared[i] ".h"] = "base"
      header_layer["pangu/chat.h"] = "text"
      header_layer["pangu/tool_call.h"] = "text"
      header_layer["pangu/grammar.h"] = "grammar"
      split("batch engine generation pangu speculation", top)
      for (i in top) header_layer["pangu/" top[i] ".h"] = "runtime"
    }

    # The arrows come first.
    FNR == NR {
      is_layer[$1] = 1
      for (i = 2; i <= NF; ++i) {
        if (!($i in is_layer)) { print "src/CMakeLists.txt: layer " $1 " is listed before " $i ", on which it depends"; ++bad }
        else arrow[$1, $i] = 1
      }
      next
    }

    FNR == 1 {
      if (name != "") finish_file()
      name = FILENAME
      has_pragma = 0
      split(name, part, "/")
      area = part[1]
      own = part[2]
      is_test = area == "tests" || name ~ /_(test|fuzz)\.cpp$/
      if ($0 != "// SPDX-License-Identifier: Apache-2.0") report("the first line is not // SPDX-License-Identifier: Apache-2.0")
      if (area == "src" && !(own in is_layer)) report("src/" own " is not a layer of src/CMakeLists.txt")
      if (area == "include" && !(("pangu/" part[3]) in header_layer)) report("public header without a layer: give it one in tools/check_layers.sh")
    }
    /^#pragma once/ { has_pragma = 1 }
    # Files are compiled together (cmake/PanguUnity.cmake): what one opens lies open in the next.
    /^using namespace / && area != "examples" { report("\"" $0 "\": name what is used, or say it inside a function") }
    # What a model consists of, its schema says (src/models/schema.h).
    /_proj|_layernorm|embed_tokens|lm_head|model\.layers|"blk\./ && !is_test && name !~ /^src\/models\/|\/testing\// {
      report("names a tensor; ask the schema of src/models/schema.h")
    }
    !/^[ \t]*#[ \t]*include[ \t]*["<]/ { next }
    {
      match($0, /["<][^">]+[">]/)
      quoted = substr($0, RSTART, 1) == "\""
      path = substr($0, RSTART + 1, RLENGTH - 2)
      target = layer_of(path)
      ours = target in is_layer && path ~ /\//
      if (area == "include" || area == "examples") {
        if (path !~ /^pangu\// && (quoted || ours)) report(area "/ may include only public headers, not " path)
        if (area == "include" && name != "include/pangu/pangu.h" && ours && !reaches(header_layer["pangu/" part[3]], target)) report("pangu/" part[3] " may not include " path)
        next
      }
      if (path ~ /^pangu\// && !(path in header_layer)) { report("unknown public header " path); next }
      if (path ~ /^tests\//) {
        if (!is_test && name !~ /\/testing\//) report("only tests may include " path)
        next
      }
      if (path ~ /^apps\// && area == "tests") next
      if (area == "apps" && target == "kernels") report("apps/ may not include " path ": devices run kernels, for ops/")
      if (!ours) {
        if (quoted && area != "apps" && area != "bench") report("cannot place \"" path "\": includes are relative to src/ or include/")
        next
      }
      if (area != "src" || target == own) next
      if (is_test ? !reaches(own, target) : !((own, target) in arrow)) report("layer " own " may not include " path ", of layer " target)
    }
    END { finish_file(); exit bad > 0 }
  ' <(layer_arrows .) "${sources[@]}")
}

# Spoils one file of a copy and expects the check to fail with the given words.
expect_caught() {
  local file=$1 line=$2 words=$3 output
  cp "$copy/$file" "$copy.saved"
  case $line in
    DELETE:*) grep -vF "${line#DELETE:}" "$copy.saved" >"$copy/$file" ;;
    *) printf '%s\n' "$line" >>"$copy/$file" ;;
  esac
  if output=$(check_tree "$copy"); then
    die "self-test: '$line' in $file was not noticed"
  fi
  [[ $output == *"$words"* ]] || die "self-test: expected '$words', got: $output"
  mv "$copy.saved" "$copy/$file"
}

self_test() {
  copy=$(mktemp -d)
  trap 'rm -rf "$copy" "$copy.saved"' EXIT
  cp -r "$root"/{src,apps,include,tests,bench,examples} "$copy"
  check_tree "$copy" >/dev/null || die "self-test: the tree itself does not pass; run $0"
  expect_caught src/base/cpu.cpp '#include "runtime/cache/kv_cache.h"' 'layer base may not include runtime/cache/kv_cache.h'
  expect_caught src/base/cpu.h '#include <tensor/tensor.h>' 'layer base may not include tensor/tensor.h'
  expect_caught src/io/json.cpp '#include "pangu/engine.h"' 'layer io may not include pangu/engine.h'
  expect_caught src/base/cpu_test.cpp '#include "tensor/tensor.h"' 'layer base may not include tensor/tensor.h'
  expect_caught src/train/muon.cpp '#include "kernels/gemm/gemm.h"' 'layer train may not include kernels/gemm/gemm.h'
  expect_caught apps/bench/bench.cpp '#include "kernels/gemm/gemm.h"' 'devices run kernels'
  expect_caught src/base/cpu.cpp '#include "tests/support/support.h"' 'only tests may include'
  expect_caught src/base/cpu.cpp '#include "cpu.h"' 'cannot place'
  expect_caught include/pangu/token.h '#include "base/error.h"' 'may include only public headers'
  expect_caught include/pangu/token.h '#include "pangu/engine.h"' 'pangu/token.h may not include'
  expect_caught examples/generate/generate.cpp '#include <runtime/model.h>' 'examples/ may include only'
  expect_caught src/CMakeLists.txt 'pangu_add_layer(late DEPENDS later)' 'layer late is listed before later'
  expect_caught src/base/cpu.cpp 'using namespace std;' 'name what is used'
  expect_caught src/train/adamw.cpp '// model.layers.0.mlp' 'names a tensor'
  expect_caught src/base/cpu.h 'DELETE:#pragma once' 'has no #pragma once'
  expect_caught src/base/cpu.cpp 'DELETE:SPDX' 'the first line is not'
  echo "layer check: all mistakes were caught"
}

case ${1:-} in
  '') check_tree "$root" && echo "layer check: every include points down" ;;
  --self-test) self_test ;;
  *) die "unknown option '$1'; known: --self-test" ;;
esac
