#!/bin/sh
# Run benchmarks by name, write docs/benchmarks.md from what they measured: bench.sh PYTHON NAME...
# Goes on after one that misses a target, and fails at the end.
set -eu
python=$1
shift
mkdir -p build/bench
failed=
for name in "$@"; do
  echo "=== $name"
  "$python" "benchmarks/$name.py" --json "build/bench/$name.json" || failed="$failed $name"
done
"$python" scripts/write_benchmarks.py
if [ -n "$failed" ]; then
  echo "Missed a target:$failed" >&2
  exit 1
fi
