# SPDX-License-Identifier: Apache-2.0
# What the scripts share. Sourced, never run; the caller has `set -euo pipefail` on.
# shellcheck shell=bash

# Shows a command, then runs it.
run() {
  printf '+ %s\n' "$*"
  "$@"
}

# Ends the script with a message on standard error.
die() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

# Folder of the shared test models and goldens; prints nothing if there is none.
shared_dir() {
  local candidate
  for candidate in "${PANGU_SHARED:-}" "$1/../shared" "$1/../../shared"; do
    if [[ -n $candidate && -d $candidate/models ]]; then
      printf '%s\n' "$candidate"
      return
    fi
  done
}

# The layers of a tree, a line each: its name, then those it may include. They are the calls of
# pangu_add_layer(NAME DEPENDS A B LIBRARIES ...) in src/CMakeLists.txt, over one or more lines.
layer_arrows() {
  awk '
    { sub(/#.*/, "") }
    /pangu_add_layer\(/ { open = 1; call = "" }
    open { call = call " " $0 }
    open && /\)/ {
      open = 0
      gsub(/pangu_add_layer\(|\)/, " ", call)
      sub(/LIBRARIES.*/, "", call)
      sub(/DEPENDS/, "", call)
      sub(/ HOT /, " ", call)
      $0 = call
      $1 = $1
      print
    }' "$1/src/CMakeLists.txt"
}

# Compiles through ccache where it is installed, so that a second build is quick.
use_ccache() {
  if [[ -z ${CMAKE_CXX_COMPILER_LAUNCHER:-} ]] && command -v ccache >/dev/null; then
    export CMAKE_CXX_COMPILER_LAUNCHER=ccache
    # Without these, ccache passes over sources with precompiled headers.
    export CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
    # Another clone finds what this one compiled: paths below the checkout count as relative ones.
    export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
  fi
}
