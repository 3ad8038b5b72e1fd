"""A certificate that nobody vouches for, made anew in each test process."""

from __future__ import annotations

import ssl

import trustme


def untrusted_context() -> ssl.SSLContext:
    """TLS for a server on 127.0.0.1, under an authority that no client knows."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    return context
