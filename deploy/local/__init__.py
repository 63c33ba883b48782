"""The embedded deployment: PostgreSQL, NATS and every service as child processes over one data folder.

Start reading at `suite.py`. POSIX only (Linux and macOS): it relies on file modes, signals and advisory locks.
"""
