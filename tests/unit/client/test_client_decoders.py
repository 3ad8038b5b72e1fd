"""Shapes of messages that several threads are the first to decode, at clients and at servers."""

from __future__ import annotations

import subprocess
import sys

import pytest

SCRIPT = """
import sys, threading
import msgspec
from weft.client.decoders import decoders_of
from weft.server.services.opening.struct_types import prepare_structs

data = b'{"b0":{"a0":[1]},"b9":{"a19":[1]}}'
sys.setswitchinterval(1e-6)
for number in range(50):
    fields = [(f"a{n}", list[int] | None, None) for n in range(20)]
    inner = msgspec.defstruct(f"Inner{number}", fields)
    outer = msgspec.defstruct(f"Outer{number}", [(f"b{n}", inner | None, None) for n in range(10)])
    PREPARE
    start = threading.Barrier(4)
    def decode():
        start.wait()
        DECODE
    threads = [threading.Thread(target=decode) for _ in range(4)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
"""


@pytest.mark.parametrize(
    ("prepare", "decode"),
    [
        ("pass", "decoders_of(outer).json(data)"),
        ("prepare_structs()", "msgspec.json.decode(data, type=outer)"),
    ],
)
def test_threads_that_decode_a_shape_first_do_not_end_the_process(
    prepare: str, decode: str
) -> None:
    script = SCRIPT.replace("PREPARE", prepare).replace("DECODE", decode)
    subprocess.run([sys.executable, "-c", script], check=True, timeout=180)
