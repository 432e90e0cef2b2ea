#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what pangu needs from Debian packages; calls apt-get only if something is missing.
#
#   tools/install_dependencies.sh          what building the program needs
#   tools/install_dependencies.sh --test   and what ./test.sh needs
#   tools/install_dependencies.sh --web    and what tools/check_web.sh needs
#   tools/install_dependencies.sh --arm    and what the preset aarch64 needs; the libraries of arm64
#                                          are unpacked into build/arm-root, not installed
#   tools/install_dependencies.sh --list [--test] [--web] [--arm]   prints the packages and their reasons
set -euo pipefail
source "$(dirname "$0")/common.sh"

# The one list of packages: group, package, reason.
packages() {
  cat <<'LIST'
build  g++                  C++20 compiler
build  cmake                build system
build  ninja-build          runs the build
build  pkg-config           finds sentencepiece, pcre2, utf8proc, seccomp, hwloc and sqlite
build  libfmt-dev           formatting of messages
build  nlohmann-json3-dev   config.json, tokenizer.json, safetensors headers, --json
build  libcli11-dev         the command line
build  libeigen3-dev        regressions of pruning, recognition of tasks
build  libspdlog-dev        log lines of the program
build  libsentencepiece-dev tokenizer.model, openPangu's own tokenizer
build  libpcre2-dev         the regular expressions of tokenizer.json
build  libutf8proc-dev      Unicode normalization in tokenizers
build  libseccomp-dev       the filter of system calls around code that a model wrote
build  libhwloc-dev         which processors are near to which memory
build  libboost1.81-dev     HTTP of pangu serve (Beast, Asio)
build  libssl-dev           its TLS
build  prometheus-cpp-dev   its counters
build  libsqlite3-dev       what pangu profile measured
build  node-markdown-it     Markdown in the web page; optional, as the next three
build  node-dompurify       takes what is harmful out of it
build  libjs-katex          mathematics in it
build  libjs-highlight.js   colours of code in it
test   libopenmpi-dev       training on several processes; optional
test   libgtest-dev         test framework
test   libgmock-dev         its matchers
test   librapidcheck-dev    property tests
test   libbenchmark-dev     pangu_microbench
test   bubblewrap           the sandbox of pangu eval --task code
test   python3              runs that code
test   python3-jinja2       what chat templates are compared with
test   clang                compiles the fuzzers and the sanitized tests
test   lld                  links them
test   llvm                 names the lines in what sanitizers report
test   libclang-rt-14-dev   libFuzzer and the sanitizers of clang
test   clang-format         layout of the sources
test   clang-tidy           static analysis
test   ccache               makes repeated builds quick
test   help2man             man pages
test   dpkg-dev             the libraries that the Debian package depends on
test   file                 finds the programs in it
test   nodejs               runs the tests of the web page
web    chromium             the browser in which tools/check_web.sh uses the page
arm    g++-aarch64-linux-gnu  C++20 compiler for 64-bit Arm
arm    qemu-user-static     runs its programs here
LIST
}

# What programs are linked with: the preset aarch64 takes it from the packages of arm64.
linked_with() {
  packages | awk '$2 ~ /-dev$/ && $2 !~ /openmpi|benchmark|clang|dpkg/ { print $2 }'
}

installed() {
  [[ $(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

as_root() {
  if [[ $(id -u) -eq 0 ]]; then
    run env DEBIAN_FRONTEND=noninteractive "$@"
  elif command -v sudo >/dev/null; then
    run sudo env DEBIAN_FRONTEND=noninteractive "$@"
  else
    die "packages are missing, and installing them needs root or sudo. As root, run: $*"
  fi
}

groups='build'
list=false
arm=false
for argument in "$@"; do
  case $argument in
    --test) groups+='|test' ;;
    --web) groups+='|web' ;;
    --arm) groups+='|arm' arm=true ;;
    --list) list=true ;;
    *) die "unknown option '$argument'; known: --test, --web, --arm, --list" ;;
  esac
done
groups="^($groups) "

if $list; then
  packages | grep -E "$groups"
  exit
fi
if ! command -v dpkg-query >/dev/null; then
  echo "This system has no Debian packages; these are needed under their names here:"
  packages | grep -E "$groups"
  exit
fi

missing=()
for package in $(packages | grep -E "$groups" | awk '{print $2}'); do
  installed "$package" || missing+=("$package")
done
# A fresh system has no package lists, and old ones may name versions that are gone.
install=(apt-get install -y --no-install-recommends "${missing[@]}")
if [[ ${#missing[@]} -eq 0 ]]; then
  :
elif ! compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null; then
  as_root apt-get update
  as_root "${install[@]}"
elif ! as_root "${install[@]}"; then
  as_root apt-get update
  as_root "${install[@]}"
fi

if $arm; then
  mapfile -t libraries < <(linked_with)
  "$(dirname "$0")/make_arm_root.sh" "${libraries[@]}" libstdc++6
fi
