#!/usr/bin/env bash
# The tests against containers: run.sh PYTHON [pytest's arguments]. Makes the image of Comity, and, where the official
# images of PostgreSQL and NATS are out of reach, our own; removes in the end everything that it started.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${1:-.venv/bin/python}
[ $# = 0 ] || shift

. deploy/docker/engine.sh
. tests/containers/own_servers.sh
there() { docker image inspect "$1" >/dev/null 2>&1 || docker pull --quiet "$1" >/dev/null 2>&1; }
if [ -z "${COMITY_TEST_POSTGRES_IMAGE:-}${COMITY_TEST_NATS_IMAGE:-}" ]; then
  if docker image inspect comity/postgres:18 comity/nats:2 >/dev/null 2>&1 || ! there postgres:18 || ! there nats:2-alpine; then
    docker image inspect comity/postgres:18 comity/nats:2 >/dev/null 2>&1 || bash deploy/images/make.sh "$python"
    export COMITY_TEST_POSTGRES_IMAGE=comity/postgres:18 COMITY_TEST_NATS_IMAGE=comity/nats:2
  fi
fi
bash deploy/docker/image.sh "$python"

export COMITY_TEST_RUN="run-$$"
work=$(mktemp -d)
swept() { docker "$1" ls ${2:+"$2"} --quiet --filter "label=org.comity.test-run=$COMITY_TEST_RUN"; }
sweep() {
  swept container --all | xargs --no-run-if-empty docker rm --force --volumes >/dev/null
  swept network | xargs --no-run-if-empty docker network rm >/dev/null
  swept volume | xargs --no-run-if-empty docker volume rm >/dev/null
  rm -rf "$work"
}
trap sweep EXIT
trap 'exit 130' INT TERM

if [ $# != 0 ]; then
  case " $* " in *" given "*) own_servers ;; esac
  "$python" -m pytest -q "$@"
  exit
fi

# The same tests of repositories, relay, consumers, permissions and every service's migrations as with embedded servers.
# All of tests/integration passes so (run.sh PYTHON --servers containers tests/integration; or given), in five to ten
# minutes more.
tests=(tests/integration/common tests/integration/local/test_nats.py tests/integration/local/test_container_set_up.py
  tests/integration/intake)
others=(tests/integration/notify tests/integration/court_link/test_referring.py
  tests/integration/identity/test_roles.py tests/integration/mediation/test_compartments.py)
"$python" -m pytest -q -n 2 --servers containers "${tests[@]}" "${others[@]}"
own_servers
"$python" -m pytest -q --servers given "${tests[@]}"
"$python" -m pytest -q -m containers tests/containers
