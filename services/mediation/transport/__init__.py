"""The gRPC face of mediation: translate, call, translate."""
