"""Chunks to make: due work, and the encoding of fresh batches or smaller chunks as one chunk.

Both engines use it. It knows views, and neither a file nor a database; its callers write what it
encodes and swap it in.
"""
