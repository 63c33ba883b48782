#!/usr/bin/env bash
# What the image of Comity is made of: its size, and its ten largest parts in MB. Usage: parts.sh [IMAGE]
set -euo pipefail
cd "$(dirname "$0")/../.."
. deploy/docker/engine.sh
image=${1:-${COMITY_IMAGE:-comity/comity:latest}}
echo "$image: $(docker image inspect --format '{{.Size}}' "$image" | awk '{printf "%.0f MB unpacked", $1 / 1000000}')"
docker run --rm --entrypoint sh "$image" -c \
  'cd / && du -x -B 1000000 -s opt/comity/* usr/bin usr/lib/* usr/local usr/sbin usr/share/* var 2>/dev/null | sort -rn | head -10'
