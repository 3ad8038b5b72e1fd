"""What becomes of a value: from whatever a script has to what msgpack takes. No I/O.

`plain` receives what is passed to `log()`, config and summary, and hands back plain values.
`scalars` are the fast way; `leaves` looks closer, with `arrays`, `histogram` and `fields`. No
library is imported for its values.
"""
