#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs clang-tidy (.clang-tidy) over sources of the library and the program. Tests are exempt. Most of
# the time goes into headers, so that files of a layer are read together, as builds compile them
# (cmake/PanguUnity.cmake).
#
#   tools/check_tidy.sh           sources that changed, or include a header that did, with their
#                                 neighbours: since PANGU_BASE, or since this branch left origin, or
#                                 in the last commit
#   tools/check_tidy.sh --all     every source under src/ and apps/; and compiles each alone, so that
#                                 what is missing in a file shows
#   tools/check_tidy.sh FILE...   these, each alone
set -euo pipefail
source "$(dirname "$0")/common.sh"
cd "$(dirname "$0")/.."
command -v clang-tidy >/dev/null || die "clang-tidy is missing: run tools/install_dependencies.sh --test"

build_dir=${PANGU_TIDY_BUILD:-build/tidy}
# A compilation database for clang; further arguments go to cmake.
configure() {
  run cmake --preset dev -B "$1" -DCMAKE_CXX_COMPILER=clang++ -DPANGU_PRECOMPILE=OFF -DPANGU_WERROR=OFF \
    -DPANGU_BUILD_TESTS=OFF "${@:2}" >/dev/null
}

# Kernels of another family of processors do not compile here.
foreign='neon[a-z0-9]*'
[[ $(uname -m) == x86_64 ]] || foreign='(avx|amx)[a-z0-9]*'
is_source() {
  [[ $1 =~ ^(src|apps)/.*\.cpp$ && ! $1 =~ _(test|fuzz)\.cpp$ && ! $1 =~ /testing/ && ! $1 =~ _$foreign\.cpp$ && -f $1 ]]
}

# The commit that changes are counted from. On a branch that origin has whole, that is the last one.
base() {
  local commit head
  head=$(git rev-parse HEAD)
  commit=${PANGU_BASE:-$(git merge-base HEAD '@{upstream}' 2>/dev/null || git merge-base HEAD origin/HEAD 2>/dev/null || true)}
  if [[ -z $commit || $commit == "$head" ]]; then commit=$(git rev-parse -q --verify HEAD~1 || echo "$head"); fi
  printf '%s\n' "$commit"
}

changed() {
  local file
  git rev-parse --git-dir >/dev/null 2>&1 || die "this is no git checkout: name files, or say --all"
  { git diff --name-only "$(base)" -- src apps include && git ls-files --others --exclude-standard -- src apps include; } |
    while IFS= read -r file; do
      printf '%s\n' "$file"
      if [[ $file == *.h ]]; then
        grep -rlF --include='*.cpp' "#include \"$(sed -E 's#^(src|include)/##' <<<"$file")\"" src apps || true
      fi
    done | sort -u | while IFS= read -r file; do if is_source "$file"; then printf '%s\n' "$file"; fi; done
}

# The units that builds compile which have one of the sources on standard input.
units_of() {
  local file
  local -a joined
  mapfile -t joined < <(find "$build_dir" -name 'unity_*.cxx')
  while IFS= read -r file; do
    grep -lF "\"$PWD/$file\"" "${joined[@]}" || printf '%s\n' "$file"
  done | sort -u
}

# tidy DATABASE [OPTION...]: files on standard input, separated by NUL.
tidy() {
  local database=$1
  shift
  # One a process, so that a slow one does not hold up the rest. Clang does not know all flags of g++.
  xargs -0 -r -n 1 -P "$(nproc)" clang-tidy -p "$database" --quiet --warnings-as-errors='*' "$@" \
    --extra-arg=-Wno-unknown-warning-option 2> >(grep -v 'warnings\? generated' >&2) ||
    die "clang-tidy has something to say about the files above"
}

case ${1:-} in
  '' | --all)
    configure "$build_dir" -DPANGU_UNITY=ON
    if [[ ${1:-} == --all ]]; then
      mapfile -t sources < <(find src apps -name '*.cpp' ! -name '*_test.cpp' ! -name '*_fuzz.cpp' ! -path '*/testing/*' \
        | grep -vE "_$foreign\.cpp$" | sort)
    else
      mapfile -t sources < <(changed)
    fi
    if [[ ${#sources[@]} -eq 0 ]]; then
      echo "clang-tidy: no source changed"
      exit
    fi
    # A unit is a list of includes of sources.
    printf '%s\n' "${sources[@]}" | units_of | tr '\n' '\0' |
      tidy "$build_dir" --checks=-bugprone-suspicious-include
    if [[ ${1:-} == --all ]]; then
      use_ccache
      configure "$build_dir-alone" -DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O0
      run cmake --build "$build_dir-alone" --target pangu_cli
    fi
    ;;
  --*) die "unknown option '$1'; known: --all" ;;
  *)
    configure "$build_dir-alone"
    sources=("$@")
    printf '%s\0' "${sources[@]}" | tidy "$build_dir-alone"
    ;;
esac
echo "clang-tidy: ${#sources[@]} files are clean"
