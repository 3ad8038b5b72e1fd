"""Encodes what a chunk is made of, arrays, cells and levels, as bytes and back. Pure, no I/O."""
