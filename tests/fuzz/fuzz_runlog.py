"""Coverage-guided fuzzing of both decoders, the codec's and the server's: `make test-fuzz`.

Whatever the bytes, they return or raise CorruptLog or LimitExceeded; anything else ends the run
with a crash file. Prints how many inputs it tried.
"""

from __future__ import annotations

import argparse
import mmap
import os
import sys
import tempfile
import time
from pathlib import Path
from struct import Struct

import atheris

with atheris.instrument_imports(include=["weft"]):
    from weft.errors import CorruptLog, LimitExceeded
    from weft.records.record import Key, Run, Schema
    from weft.runlog import format as codec
    from weft.runlog.decoding import decode_records
    from weft.runlog.header import make_header
    from weft.server.intake.uploads.decode import decode_upload

HEADER = codec.encode_header(make_header("ab12cd34"))
BEGIN = HEADER + b"".join(
    codec.encode_frame(codec.encode_payload(record))
    for record in (Run("ab12cd34", "fuzz"), Key(0, "a"), Key(1, "b"), Schema(0, [0, 1]))
)
COUNT = Struct("<Q")
shared = mmap.mmap(-1, COUNT.size)


def one_input(data: bytes) -> None:
    COUNT.pack_into(shared, 0, COUNT.unpack(shared)[0] + 1)
    framed = b"".join(codec.encode_frame(part) for part in data.split(b"\n") if part)
    for candidate in (data, HEADER + data, HEADER + framed, BEGIN + framed):
        try:
            header = codec.decode_header(candidate)
            start = header[1] if header else 0
            frames = codec.split_frames(candidate, start)
            decode_records([candidate[f.payload : f.end] for f in frames])
        except CorruptLog:
            codec.find_frame(candidate, 1)
        try:
            decode_upload(candidate, writer="w")
        except (CorruptLog, LimitExceeded):
            pass


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    seconds = parser.parse_args().seconds
    begin = time.monotonic()
    child = os.fork()  # the fuzzer ends its process by itself, without coming back
    if child == 0:
        with tempfile.TemporaryDirectory() as corpus:
            (Path(corpus) / "seed").write_bytes(
                codec.encode_payload([3, 0, 12, 1, [0.5, None, "text", {"_type": "image"}]])
            )
            options = [f"-max_total_time={seconds}", "-verbosity=0", corpus]
            atheris.Setup([sys.argv[0], *options], one_input)
            atheris.Fuzz()
    _, status = os.waitpid(child, 0)
    (count,) = COUNT.unpack(shared)
    print(f"fuzzed {count} inputs in {time.monotonic() - begin:.0f} s", flush=True)
    sys.exit(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
