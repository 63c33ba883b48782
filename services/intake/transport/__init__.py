"""The gRPC face of intake."""
