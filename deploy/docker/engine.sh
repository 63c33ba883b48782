# To be sourced by what talks to a container engine: ends the script when none answers.
export DOCKER_CLI_HINTS=false
docker info >/dev/null 2>&1 || {
  echo "No container engine answers: on Debian as root apt-get install docker.io mmdebstrap and start dockerd, elsewhere see https://docs.docker.com/engine/install/ (make demo and make test need none)" >&2
  exit 1
}
# A client without its buildx plugin needs the older builder.
docker buildx version >/dev/null 2>&1 || export DOCKER_BUILDKIT=0
