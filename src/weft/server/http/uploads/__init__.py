"""Frames of run logs become columns. Pure.

Receives bytes that `http.ingest` unpacked, or that `directories.follow` read from a file; hands an
`Upload` to `services.ingest`.
"""
