#!/usr/bin/env bash
# Makes the image comity/base from Debian packages, without any registry: Debian 12 with Python 3.11 and nothing else.
# Usage: base.sh [IMAGE] [FOLDER]   FOLDER also gets busybox, a static one, for images without a system.
set -euo pipefail
image=${1:-comity/base:bookworm}
folder=${2:-var/images}

command -v mmdebstrap >/dev/null || {
  echo "mmdebstrap is missing (on Debian: apt-get install mmdebstrap); with a registry in reach no own base is needed" >&2
  exit 1
}
mkdir -p "$folder"
root=$folder/base.tar
trap 'rm -f "$root"' EXIT

# busybox is only borrowed: copied out, then removed. Licences stay, documentation and translations do not.
# shellcheck disable=SC2016  # "$1" is for mmdebstrap's shell.
mmdebstrap --quiet --variant=apt \
  --include=python3-minimal,libpython3-stdlib,ca-certificates,tzdata,busybox-static \
  --dpkgopt='path-exclude=/usr/share/man/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' \
  --dpkgopt='path-exclude=/usr/share/doc/*' \
  --dpkgopt='path-include=/usr/share/doc/*/copyright' \
  --customize-hook="copy-out /bin/busybox $folder" \
  --customize-hook='chroot "$1" dpkg --purge busybox-static >/dev/null' \
  --customize-hook='rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/* "$1"/var/log/*' \
  bookworm "$root"

docker import --change 'CMD ["/bin/sh"]' --change 'ENV LANG=C.UTF-8' "$root" "$image" >/dev/null
echo "$image"
