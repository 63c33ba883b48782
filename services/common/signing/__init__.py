"""Freezing, signing, sealing and verifying PDF documents (PAdES, ETSI EN 319 142-1). The only importer of pyHanko.

Everything is synchronous and takes and gives bytes: it runs inside the worker processes of ``pool``.
"""
