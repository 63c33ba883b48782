"""The gRPC face of notify."""
