#!/bin/sh
# What this image does, chosen by the first argument.
set -eu
part=${1:-}
[ $# = 0 ] || shift
case $part in
  identity | intake | mediation | court_link | notify)
    exec python3 -m "services.$part" "${@:-serve}" ;;
  set-up) exec python3 -m deploy.containers.set_up "${1:-/run/secrets/operator.json}" ;;
  migrate) exec python3 -m deploy.containers.migrate "${1:-/run/secrets}" ;;
  secrets) exec python3 -m deploy.containers.secrets "$@" ;;
  health) exec python3 -m deploy.containers.health ;;
  mail) exec python3 -m deploy.local.mail_catcher --host 0.0.0.0 --port 2525 --folder "${1:-/var/lib/comity/mail}" ;;
  ready) echo "every service is serving" ;;
  comity) exec python3 -m services.cli "$@" ;;
  *)
    echo "usage: identity|intake|mediation|court_link|notify [serve|check-config|...], set-up, migrate, secrets FOLDER, health, mail, comity ..." >&2
    exit 2 ;;
esac
