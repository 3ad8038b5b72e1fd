"""Encodes what a chunk is made of, arrays, cells and levels, as bytes and back. Pure, no I/O.

`block` has rows in memory, `chunk` makes bytes of them with `codec`, and `console_block` of lines.
`axis_cells` are cells over a step metric, whose values `placing` finds. `row_set` says which rows
are stored.
"""
