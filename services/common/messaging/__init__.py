"""Events over NATS JetStream: out through the outbox and a relay, in through an inbox."""
