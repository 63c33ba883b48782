"""The shared runtime. It knows gRPC, PostgreSQL and NATS, and no word of mediation."""
