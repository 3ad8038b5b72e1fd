"""Shapes of messages that several threads are the first to decode, at clients and at servers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import runpy, sys, threading
import msgspec
from weft.client.decoders import decoders_of

data = b'{"b0":{"a0":[1]},"b9":{"a19":[1]}}'
sys.setswitchinterval(1e-6)
for number in range(10):
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

STRUCT_TYPES = Path(__file__).parents[3] / "src/weft/server/services/opening/struct_types.py"
PREPARE_STRUCTS = f"runpy.run_path({str(STRUCT_TYPES)!r})['prepare_structs']()"
"""As servers do, whose package would be imported by its name: seconds."""


@pytest.mark.parametrize(
    ("prepare", "decode"),
    [
        ("pass", "decoders_of(outer).json(data)"),
        (PREPARE_STRUCTS, "msgspec.json.decode(data, type=outer)"),
    ],
)
def test_threads_that_decode_a_shape_first_do_not_end_the_process(
    prepare: str, decode: str
) -> None:
    script = SCRIPT.replace("PREPARE", prepare).replace("DECODE", decode)
    subprocess.run([sys.executable, "-c", script], check=True, timeout=180)


QUERIES = """
import sys, threading
from types import SimpleNamespace
from typing import Literal
from weft.server.http.routing.arguments import Argument, Reader

sys.setswitchinterval(1e-6)
request = SimpleNamespace(
    scope={"path_params": {}, "query_string": b"&".join(b"q%d=1" % n for n in range(20))}
)
types = [Literal["1", "2"] | None, list[str] | None]
for _ in range(40):
    arguments = [Argument(f"q{n}", f"q{n}", "query", types[n % 2], None) for n in range(20)]
    reader = Reader(arguments, {}, any_query=False)
    start = threading.Barrier(4)
    def read():
        start.wait()
        reader.read(request, b"")
    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
"""


def test_threads_that_read_the_query_of_a_route_first_do_not_end_the_process() -> None:
    subprocess.run([sys.executable, "-c", QUERIES], check=True, timeout=180)
