#!/usr/bin/env bash
# Makes the image comity/comity. Usage: image.sh PYTHON (of the virtual environment)
# COMITY_BASE_IMAGE chooses the base: by default our own when `make images` made one, else the official slim Python.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${1:-.venv/bin/python}
context=$PWD/var/image
image=${COMITY_IMAGE:-comity/comity:latest}
. deploy/docker/engine.sh

if [ -n "${COMITY_BASE_IMAGE:-}" ]; then base=$COMITY_BASE_IMAGE
elif docker image inspect comity/base:bookworm >/dev/null 2>&1; then base=comity/base:bookworm
else base=python:3.11-slim-bookworm; fi

mkdir -p "$context/wheels" "$context/own"
rm -f "$context"/own/*
cp deploy/docker/entry.sh "$context/"
"$python" deploy/docker/runtime_lock.py > "$context/runtime.lock"

# Wheels for the image's Python, whatever runs here. They are fetched again only when the lock changed.
wanted=$(cat "$context/runtime.lock" deploy/docker/pip.lock | sha256sum)
if [ "$(cat "$context/fetched" 2>/dev/null || true)" != "$wanted" ]; then
  rm -f "$context"/wheels/*
  machine=$(uname -m); machine=${machine/arm64/aarch64}
  platforms=()
  for glibc in 2_36 2_34 2_31 2_28 2_27 2_26 2_24 2_17 2_12 2_5; do platforms+=(--platform "manylinux_${glibc}_$machine"); done
  for lock in "$context/runtime.lock" deploy/docker/pip.lock; do
    "$python" -m pip download --quiet --disable-pip-version-check --require-hashes --no-deps --only-binary :all: \
      --implementation cp --python-version 3.11 "${platforms[@]}" --platform "manylinux2014_$machine" \
      --dest "$context/wheels" -r "$lock"
  done
  echo "$wanted" > "$context/fetched"
fi
"$python" -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index --wheel-dir "$context/own" .

version=$("$python" -c 'import importlib.metadata as m; print(m.version("comity"))')
revision=$(git rev-parse HEAD 2>/dev/null || echo unknown)
docker build --quiet --force-rm --build-arg "BASE=$base" --build-arg "VERSION=$version" --build-arg "REVISION=$revision" \
  --tag "$image" --file deploy/docker/Dockerfile "$context" >/dev/null 2>"$context.log" || { cat "$context.log" >&2; exit 1; }
echo "$image"
