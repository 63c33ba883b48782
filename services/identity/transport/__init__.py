"""The gRPC face of identity."""
