# To be sourced by what talks to a container engine: ends the script when none answers.
export DOCKER_CLI_HINTS=false
docker info >/dev/null 2>&1 || {
  echo "No container engine answers. On Debian as root: apt-get install docker.io mmdebstrap, then start dockerd; elsewhere see" >&2
  echo "https://docs.docker.com/engine/install/. Nothing else needs one: make demo, make test" >&2
  exit 1
}
# A client without its buildx plugin needs the older builder.
docker buildx version >/dev/null 2>&1 || export DOCKER_BUILDKIT=0
