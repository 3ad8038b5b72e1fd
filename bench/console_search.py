"""Search in a log of a million lines on the server, next to `grep -c` on the same text in a file.

    python bench/console_search.py [--lines N] [--json FILE]

Each figure is the median of ten requests through HTTP after a first one.
"""

from __future__ import annotations

import random
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

from measure import Figure, arguments, finish, median, running_server
from weft.records.record import Run
from weft.runlog.format import Header
from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.ingest.upload import Upload
from weft.server.services.opening.services import open_services
from weft.server.storage.contract import ConsoleLine

LINES_PER_UPLOAD = 20_000


def line_of(number: int, chance: random.Random, *, colored: bool) -> str:
    text = f"epoch {number // 1000} step {number} loss={chance.random():.6f} lr=0.0003 1.93it/s"
    if number % 10_007 == 0:
        text = f"WARNING gradient overflow at step {number}, skipped"
    return f"\x1b[2m12:34:56\x1b[0m \x1b[34mINFO\x1b[0m {text}" if colored else text


def fill(folder: Path, n_lines: int, plain: Path) -> None:
    """Runs `plain`, `colored` and `ranks` of `n_lines` each, and the first as a file."""
    chance = random.Random(7)
    services = open_services(folder, jobs=False)
    with plain.open("w") as file:
        for name, n_writers in (("plain", 1), ("colored", 1), ("ranks", 2)):
            path = RunPath("local", "bench", name)
            for writer in range(n_writers):
                header = Header("", f"{name}{writer}", None, 0, 0, "box", "m", "b", 7, 7)
                position = 0
                for first in range(0, n_lines // n_writers, LINES_PER_UPLOAD):
                    lines: list[ConsoleLine] = []
                    for number in range(first, first + LINES_PER_UPLOAD):
                        text = line_of(number, chance, colored=name == "colored")
                        lines.append(ConsoleLine("stdout", number, 1000 * number, text))
                        if name == "plain":
                            file.write(f"{text}\n")
                    records = [(position + 100, Run(name, "bench"))] if not position else []
                    upload = Upload(
                        header.writer_id, header.writer_id, position, position + 100, records, [],
                        state=b"", header=None if position else header, live=False,
                    )  # fmt: skip
                    upload.console = lines
                    services.ingest.apply_upload(LOCAL, path, upload)
                    position += 100
    project_id = services.stores.find_project(ProjectPath("local", "bench"))
    with services.stores.metrics.use(project_id) as store:
        store.compact(until_idle=True)
    services.close()


def measured(work: Callable[[], object], n: int = 10) -> float:
    """Milliseconds, median."""
    work()
    times: list[float] = []
    for _ in range(n):
        start = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - start))
    return median(times)


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000)
    args = parser.parse_args()
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as name:
        folder, plain = Path(name) / "data", Path(name) / "plain.log"
        fill(folder, args.lines, plain)
        with running_server(folder) as server:
            logs = f"{server.url}/api/v1/projects/local/bench/runs"

            def get(run: str, path: str = "", **query: object) -> Callable[[], bytes]:
                url = f"{logs}/{run}/logs{path}?{urlencode(query)}"
                return lambda: urlopen(url).read()

            for label, run, pattern in (
                ("regex with 100 hits", "plain", r"gradient \w+ at step \d+"),
                ("regex without a hit", "plain", r"loss=[1-9]\.\d+"),
                ("regex that every line matches", "plain", r"loss|WARN"),
                ("regex with 100 hits, colored lines", "colored", r"gradient \w+ at step \d+"),
                ("regex with 100 hits, 2 ranks", "ranks", r"gradient \w+ at step \d+"),
            ):
                millis = measured(get(run, "/hits", search=pattern, regex="true"))
                peer = None
                if run == "plain" and "every" not in label:
                    command = ["grep", "-c", "-P", pattern, str(plain)]
                    peer = measured(
                        lambda command=command: subprocess.run(
                            command, check=False, capture_output=True
                        )
                    )
                figures.append(
                    Figure(
                        f"console, {args.lines:,} lines: {label}", millis, "ms", 300,
                        peer=None if peer is None else "grep -c -P", peer_figure=peer,
                    )
                )  # fmt: skip
            for label, query in (
                ("last 1,000 lines", {"tail": "true"}),
                ("1,000 lines in the middle", {"start": args.lines // 2}),
            ):
                millis = measured(get("ranks", **query))
                figures.append(
                    Figure(f"console, {args.lines:,} lines of 2 ranks: {label}", millis, "ms", 100)
                )
    finish(figures, args.json)


if __name__ == "__main__":
    main()
