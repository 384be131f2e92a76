#!/bin/sh
# Write locks/ for every supported Python and machine at once: hashes only, no download host.
set -eu
uv=build/uv/bin/uv
if [ ! -x "$uv" ]; then
  python3 -m venv build/uv
  build/uv/bin/python -m pip install -qq --disable-pip-version-check uv==0.13.9
fi

compile() {
  lock=$1
  shift
  "$uv" pip compile --quiet --universal --fork-strategy fewest --python-version 3.11 \
    --generate-hashes --no-header --no-annotate --no-emit-index-url --output-file "$lock" "$@"
}

compile locks/dev.txt --group build --group dev --extra bench pyproject.toml "$@"
# What runs in production, and what builds it, is exactly what was tested.
compile locks/run.txt --constraints locks/dev.txt pyproject.toml
compile locks/build.txt --constraints locks/dev.txt --group build
