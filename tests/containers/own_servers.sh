# To be sourced: starts a PostgreSQL and a NATS as somebody has them who has never heard of this test kit, sets them up as
# the README tells an operator to, and names them to `pytest --servers given`. Wants $python, $work (a private folder),
# $COMITY_TEST_RUN and the two images.
own_servers() {
  local password postgres nats
  password=$("$python" -c 'import secrets; print(secrets.token_hex(16))')
  postgres=$(docker run --detach --label "org.comity.test-run=$COMITY_TEST_RUN" --publish 127.0.0.1::5432 --shm-size 256m \
    --env POSTGRES_PASSWORD="$password" "${COMITY_TEST_POSTGRES_IMAGE:-postgres:18}" \
    postgres -c max_connections=200 -c fsync=off)
  export COMITY_TEST_SECRETS=$work/secrets
  mkdir -m 700 "$work/nats"
  "$python" -m services.cli operator-setup nats --secrets "$COMITY_TEST_SECRETS" > "$work/nats/comity-users.conf"
  cat > "$work/nats/nats-server.conf" <<'CONFIGURATION'
listen: "0.0.0.0:4222"
jetstream { store_dir: "/data", sync_interval: always }
include comity-users.conf
CONFIGURATION
  nats=$(docker run --detach --label "org.comity.test-run=$COMITY_TEST_RUN" --publish 127.0.0.1::4222 \
    --volume "$work/nats:/etc/own:ro" "${COMITY_TEST_NATS_IMAGE:-nats:2-alpine}" --config /etc/own/nats-server.conf)
  COMITY_TEST_POSTGRES="postgresql://postgres:$password@$(docker port "$postgres" 5432 | head -1)/postgres"
  COMITY_TEST_NATS="nats://$(docker port "$nats" 4222 | head -1)"
  export COMITY_TEST_POSTGRES COMITY_TEST_NATS
  timeout 60 sh -c "until docker exec $postgres pg_isready --quiet --host 127.0.0.1 --username postgres; do sleep 0.1; done"
}
