#!/bin/sh
# Make .venv from the hash-pinned locks: make_venv.sh [PYTHON]
set -eu
wanted=${1:-}
venv=.venv

supported='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'

if ! "$venv/bin/python" -c "$supported" 2>/dev/null; then
  python=
  bare=
  for candidate in ${wanted:-python3.13 python3.12 python3.11 python3}; do
    "$candidate" -c "$supported" 2>/dev/null || continue
    if "$candidate" -c 'import ensurepip, venv' 2>/dev/null; then
      python=$candidate
      break
    fi
    bare=$candidate
  done
  if [ -z "$python" ]; then
    if [ -n "$bare" ]; then
      echo "Laurel: $bare cannot make a virtual environment, its venv module is missing." >&2
      echo "  On Debian and Ubuntu: apt install python3-venv" >&2
    else
      found=$("${wanted:-python3}" --version 2>/dev/null || echo "no ${wanted:-python3}")
      echo "Laurel needs Python 3.11, 3.12 or 3.13; found $found." >&2
      echo "  Install one of them, or name it: make PYTHON=/path/to/python3.12 ..." >&2
    fi
    exit 1
  fi
  echo "Making $venv with $("$python" --version)"
  rm -rf "$venv"
  "$python" -m venv "$venv"
fi

install() {
  "$venv/bin/python" -m pip install -qq --disable-pip-version-check --no-input --require-hashes \
    --no-build-isolation --only-binary :all: --no-binary nkeys --requirement "$1"
}

echo "Installing $(grep -c '==' locks/dev.txt) packages, each by its hash (minutes, the first time)"
# nkeys is published as source only, so what builds it goes in first: nothing comes without a hash.
install locks/build.txt
install locks/dev.txt
