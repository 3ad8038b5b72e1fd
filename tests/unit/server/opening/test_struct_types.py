"""Types of messages are prepared before threads use them."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import sys, threading
import msgspec
from weft.server.services.opening.struct_types import prepare_structs

sys.setswitchinterval(1e-6)
for number in range(50):
    fields = [(f"a{n}", list[int] | None, None) for n in range(20)]
    inner = msgspec.defstruct(f"Inner{number}", fields)
    outer = msgspec.defstruct(f"Outer{number}", [(f"b{n}", inner | None, None) for n in range(10)])
    prepare_structs()
    start = threading.Barrier(4)
    def decode():
        start.wait()
        msgspec.json.decode(b'{"b0":{"a0":[1]},"b9":{"a19":[1]}}', type=outer)
    threads = [threading.Thread(target=decode) for _ in range(4)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
"""


def test_threads_that_decode_a_type_first_do_not_end_the_process() -> None:
    subprocess.run([sys.executable, "-c", SCRIPT], check=True, timeout=180)
