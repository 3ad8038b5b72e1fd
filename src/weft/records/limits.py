"""Every size limit of weft, with its reason.

At its limit a request is refused (or a value shortened) on purpose, long before memory or a
database column would fail by accident.
"""

from __future__ import annotations

from typing import Final

MAX_FRAME_BYTES: Final = 32 * 2**20
"""Longest payload of a frame. A reader allocates at most this much for an untrusted length."""

MAX_HEADER_BYTES: Final = 64 * 2**10
"""Longest header of a log: who wrote it and where. A server stores one for each writer."""

MAX_KEY_BYTES: Final = 1024
"""Longest metric or config path in UTF-8. Keys are interned, indexed and shown as titles."""

MAX_ROW_KEYS: Final = 100_000
"""Most keys in one row: weft promises that a run of this size stays browsable."""

MAX_KEYS: Final = 1_000_000
"""Most names one writer may intern: the server's decoder remembers all of them."""

MAX_FRAMES: Final = 250_000
"""Most frames in one upload: bounds what a small compressed body can expand to."""

MAX_MICROS: Final = 2**53
"""Largest time in a log, µs since its anchor: 285 years, and still exact as a float64."""

MAX_NUMBER: Final = 2**31 - 1
"""Largest key and schema number."""

MAX_SOURCES: Final = 100_000
"""Most writers whose rows a fork or rewind may name: a thousand ranks, rewound a hundred times."""

MAX_REASON_BYTES: Final = 500
"""Longest reason of a run's end in UTF-8: one line for tables and cards, the log has the rest."""

MAX_NESTING: Final = 32
"""Deepest nesting of a logged dict or a config; also what stops a cyclic one."""

MAX_FIELDS_BYTES: Final = 32 * 2**20
"""Largest config of a run, and most that its script sets in the summary: pages and exports read
all of either at once."""

MAX_TEXT_BYTES: Final = 1 * 2**20
"""Longest text in a row. Longer text is cut and marked as cut; use files for more."""

MAX_ID_BYTES: Final = 128
"""Longest run id, project or entity name in UTF-8: they are path segments and file names."""

MAX_NAME_CHARS: Final = 512
"""Longest display name of a run."""

MAX_RUN_TAGS: Final = 1000
"""Most tags of a run: lists show them, and filters compare them."""

MAX_UPLOAD_BYTES: Final = 64 * 2**20
"""Largest upload after decompression: two of the largest frames. Bounds a request's memory."""

UPLOAD_BATCH_BYTES: Final = 1 * 2**20
"""An upload is sent as soon as this many bytes are waiting."""

MAX_SCHEMAS: Final = 4096
"""A writer drops its schemas at this count, so that ever-changing keys use bounded memory."""

RING_BYTES: Final = 64 * 2**20
"""Rows buffered while the disk refuses writes; beyond it the oldest are dropped, with a Gap."""

MAX_FILE_BYTES: Final = 256 * 2**30
"""Largest file of a run: a checkpoint of a large model. Files are streamed."""

MAX_FILE_ERROR_BYTES: Final = 4096
"""Longest explanation why a file has no content: pages show it where the file would be."""

MAX_FILE_PATH_BYTES: Final = 1024
"""Longest path of a run's file in UTF-8: object stores accept no longer path."""

MAX_FILE_SEGMENT_BYTES: Final = 255
"""Longest name of a file or folder in UTF-8: file systems accept no longer name."""

MAX_FILE_PATH_DEPTH: Final = 32
"""Most segments in the path of a run's file, its own name included."""

MAX_REQUEST_EXPRESSIONS: Final = 2500
"""Most computed curves of one request for charts: 24 panels, as the web app asks for, of 100."""

REQUEST_EXPRESSION_SECS: Final = 300.0
"""Longest time in which a server computes the curves of one request for charts."""

MAX_SWEEP_CONFIG_BYTES: Final = 64 * 1024
"""Limit of a sweep's configuration: of its text, and of what the text stands for as JSON."""
