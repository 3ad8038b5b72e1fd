"""Converts values of any type to plain ones, which msgpack can encode. No I/O.

`plain` receives what is passed to `log()`, config and summary, and returns plain values.
`scalars` is the fast path; `leaves` handles all other types, with `arrays`, `histogram` and
`fields`. Libraries are never imported to convert their values.
"""
