#!/usr/bin/env bash
# The tests against containers: run.sh PYTHON [pytest's arguments]. Makes the image of Comity, and, where the official
# images of PostgreSQL and NATS are out of reach, our own; removes in the end every container that it started.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${1:-.venv/bin/python}
[ $# = 0 ] || shift

. deploy/docker/engine.sh
there() { docker image inspect "$1" >/dev/null 2>&1 || docker pull --quiet "$1" >/dev/null 2>&1; }
if [ -z "${COMITY_TEST_POSTGRES_IMAGE:-}${COMITY_TEST_NATS_IMAGE:-}" ]; then
  if docker image inspect comity/postgres:18 comity/nats:2 >/dev/null 2>&1 || ! there postgres:18 || ! there nats:2-alpine; then
    docker image inspect comity/postgres:18 comity/nats:2 >/dev/null 2>&1 || bash deploy/images/make.sh "$python"
    export COMITY_TEST_POSTGRES_IMAGE=comity/postgres:18 COMITY_TEST_NATS_IMAGE=comity/nats:2
  fi
fi
bash deploy/docker/image.sh "$python"

export COMITY_TEST_RUN="run-$$"
sweep() { docker ps --all --quiet --filter "label=org.comity.test-run=$COMITY_TEST_RUN" | xargs --no-run-if-empty docker rm --force --volumes >/dev/null; }
trap sweep EXIT

if [ $# != 0 ]; then
  "$python" -m pytest -q "$@"
else
  # The same tests of repositories, relay, consumers and migrations as with embedded servers.
  "$python" -m pytest -q --servers containers tests/integration/common tests/integration/local/test_nats.py \
    tests/integration/identity tests/integration/intake tests/integration/mediation tests/integration/court_link \
    tests/integration/notify
  "$python" -m pytest -q -m containers tests/containers
fi
