"""Adapters to other services and to the signing processes."""
