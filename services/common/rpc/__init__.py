"""gRPC: one server builder and one client builder, with everything every call needs."""
