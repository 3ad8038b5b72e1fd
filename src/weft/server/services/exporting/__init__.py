"""Tables out of the server: what they hold, and how they are written as files. Bytes out, no I/O
but the stores'.
"""
