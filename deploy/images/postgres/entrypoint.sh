#!/bin/sh
# Makes the cluster at the first start, then serves. Nothing listens on the network before the cluster is complete.
set -eu
user=${POSTGRES_USER:-postgres}
database=${POSTGRES_DB:-$user}
socket=/run/postgresql
# Beside the cluster: there while it is being made, so that a first start that was killed begins anew.
unfinished=$PGDATA.unfinished

if [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA"
  chown postgres "$(dirname "$PGDATA")" "$PGDATA" "$socket"
  chmod 700 "$PGDATA"
  exec setpriv --reuid=postgres --regid=postgres --clear-groups "$0" "$@"
fi

password() {
  if [ -n "${POSTGRES_PASSWORD_FILE:-}" ]; then cat "$POSTGRES_PASSWORD_FILE"; else printf '%s' "${POSTGRES_PASSWORD:-}"; fi
}

[ ! -e "$unfinished" ] || find "$PGDATA" -mindepth 1 -delete
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  [ -n "$(password)" ] || { echo "set POSTGRES_PASSWORD_FILE (or POSTGRES_PASSWORD) for the first start" >&2; exit 1; }
  : > "$unfinished"
  (umask 077 && password > /tmp/password)
  # shellcheck disable=SC2086  # several arguments
  initdb --username="$user" --pwfile=/tmp/password --auth-local=trust --auth-host=scram-sha-256 --encoding=UTF8 \
    --locale-provider=builtin --locale=C.UTF-8 --data-checksums ${POSTGRES_INITDB_ARGS:-} >/dev/null
  rm /tmp/password
  echo "host all all all scram-sha-256" >> "$PGDATA/pg_hba.conf"
  pg_ctl --wait --silent --options="-c listen_addresses='' -k $socket" start >/dev/null
  [ "$database" = postgres ] || createdb --host="$socket" --username="$user" "$database"
  for script in /docker-entrypoint-initdb.d/*.sql; do
    [ ! -f "$script" ] ||
      psql --quiet --set=ON_ERROR_STOP=1 --host="$socket" --username="$user" --dbname="$database" --file="$script"
  done
  pg_ctl --wait --silent --mode=fast stop
  rm "$unfinished"
fi

[ "${1:-postgres}" != postgres ] || shift 2>/dev/null || true
exec postgres -c listen_addresses='*' -k "$socket" "$@"
