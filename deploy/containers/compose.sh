#!/usr/bin/env bash
# The composed suite: compose.sh up [--scale SERVICE=N] | demo | down | ...   What is not ours goes to compose as it is.
set -euo pipefail
cd "$(dirname "$0")/../.."
export COMITY_SECRETS_FOLDER=${COMITY_SECRETS_FOLDER:-$PWD/var/compose/secrets}
export DOCKER_CLI_HINTS=false
project=${COMITY_PROJECT:-comity}
verb=${1:-}

if docker compose version >/dev/null 2>&1; then program=(docker compose)
elif command -v docker-compose >/dev/null; then program=(docker-compose)
else echo "neither Compose v2 nor docker-compose is installed; on Debian: apt-get install docker-compose" >&2; exit 1; fi
compose() { "${program[@]}" --project-name "$project" --file deploy/compose.yaml ${COMITY_COMPOSE_OVERRIDE:+--file "$COMITY_COMPOSE_OVERRIDE"} "$@"; }

# Official images unless `make images` made our own.
own() { docker image inspect "$1" >/dev/null 2>&1; }
if own comity/postgres:18; then export COMITY_POSTGRES_IMAGE=${COMITY_POSTGRES_IMAGE:-comity/postgres:18}; fi
if own comity/nats:2; then export COMITY_NATS_IMAGE=${COMITY_NATS_IMAGE:-comity/nats:2}; fi

case $verb in
  up)
    own "${COMITY_IMAGE:-comity/comity:latest}" || { echo "there is no image of Comity yet: make image" >&2; exit 1; }
    .venv/bin/python -m deploy.containers.secrets "$COMITY_SECRETS_FOLDER"
    shift
    compose up -d "$@"
    echo "Serving. make compose-demo takes two cases through it; make compose-down ends it and keeps its volumes." ;;
  demo)
    work=/var/lib/comity/work
    if ! compose run --rm --entrypoint test program -e "$work/house.json" >/dev/null 2>&1; then
      code=$(compose exec -T identity comity-container identity first-administrator)
      compose run --rm program init --sample --folder "$work" --code "$code"
    fi
    compose run --rm program demo --folder "$work/demo" ${COMITY_RUN:+--run "$COMITY_RUN"}
    mkdir -p var/compose/demo
    # A container that is only looked into: the papers lie on its volume.
    looked=$(compose run -d --entrypoint sleep program 60)
    trap 'docker rm -f "$looked" >/dev/null 2>&1 || true' EXIT
    docker cp "$looked:$work/demo/." var/compose/demo
    echo "Copied to var/compose/demo" ;;
  down)
    if [ "${ERASE:-}" = yes ]; then compose down --volumes --remove-orphans; else compose down --remove-orphans; fi ;;
  "") echo "usage: compose.sh up | demo | down | any command of compose" >&2; exit 2 ;;
  *) compose "$@" ;;
esac
