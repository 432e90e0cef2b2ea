#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs clang-tidy (.clang-tidy) over sources of the library and the program, each compiled alone and
# without precompiled headers: what is missing in a file shows. Tests are exempt.
#
#   tools/check_tidy.sh               sources that changed, or include a header that did: against
#                                     PANGU_BASE, or where this branch left origin, or the last commit
#   tools/check_tidy.sh --at-most N   the same, but no more than N files; says how many it left out
#   tools/check_tidy.sh --all         every source under src/ and apps/
#   tools/check_tidy.sh FILE...       these
set -euo pipefail
source "$(dirname "$0")/common.sh"
cd "$(dirname "$0")/.."
command -v clang-tidy >/dev/null || die "clang-tidy is missing: run tools/install_dependencies.sh --test"

is_checked() { [[ $1 =~ ^(src|apps)/.*\.cpp$ && ! $1 =~ _(test|fuzz)\.cpp$ && -f $1 ]]; }

# The commit that changes are counted from. On a branch that origin has whole, that is the last one.
base() {
  local commit
  commit=${PANGU_BASE:-$(git merge-base HEAD '@{upstream}' 2>/dev/null || git merge-base HEAD origin/HEAD 2>/dev/null || true)}
  if [[ -z $commit || $commit == $(git rev-parse HEAD) ]]; then commit=$(git rev-parse -q --verify HEAD~1 || git rev-parse HEAD); fi
  printf '%s\n' "$commit"
}

changed() {
  local file
  git rev-parse --git-dir >/dev/null 2>&1 || die "this is no git checkout: name files, or say --all"
  { git diff --name-only "$(base)" -- src apps include && git ls-files --others --exclude-standard -- src apps include; } |
    while IFS= read -r file; do
      if is_checked "$file"; then printf '%s\n' "$file"; fi
      if [[ $file == *.h ]]; then
        grep -rlF --include='*.cpp' "#include \"$(sed -E 's#^(src|include)/##' <<<"$file")\"" src apps || true
      fi
    done | sort -u | while IFS= read -r file; do if is_checked "$file"; then printf '%s\n' "$file"; fi; done
}

limit=0
case ${1:-} in
  '' | --at-most)
    if [[ $# -gt 0 ]]; then
      limit=${2:-}
      [[ $limit =~ ^[1-9][0-9]*$ ]] || die "--at-most is '$limit'; a whole number is needed"
    fi
    mapfile -t sources < <(changed)
    ;;
  --all) mapfile -t sources < <(find src apps -name '*.cpp' ! -name '*_test.cpp' ! -name '*_fuzz.cpp' | sort) ;;
  --*) die "unknown option '$1'; known: --all, --at-most" ;;
  *) sources=("$@") ;;
esac
if [[ $limit -gt 0 && ${#sources[@]} -gt $limit ]]; then
  echo "clang-tidy: ${#sources[@]} files changed; $((${#sources[@]} - limit)) of them are left to tools/check_tidy.sh"
  sources=("${sources[@]:0:limit}")
fi
if [[ ${#sources[@]} -eq 0 ]]; then
  echo "clang-tidy: no source changed"
  exit
fi

build_dir=${PANGU_TIDY_BUILD:-build/tidy}
run cmake --preset dev -B "$build_dir" -DPANGU_PRECOMPILE=OFF -DPANGU_BUILD_TESTS=OFF >/dev/null
# One file a process, so that a slow one does not hold up the rest.
printf '%s\0' "${sources[@]}" |
  xargs -0 -n 1 -P "$(nproc)" clang-tidy -p "$build_dir" --quiet --warnings-as-errors='*' \
  2> >(grep -v 'warnings\? generated' >&2) ||
  die "clang-tidy has something to say about the files above"
echo "clang-tidy: ${#sources[@]} files are clean"
