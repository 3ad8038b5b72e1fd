"""Charts after an hour of 1,000 writers that log a row of ten metrics a second: does compaction
keep up?

The hour is sent as fast as the server takes it, ten rows an upload: 3.6 million rows in 360,000
uploads. Beside it stands the same run's chart on a server that holds nothing else.
"""

from __future__ import annotations

import asyncio
import json
import time
import urllib.request

from many_writers import Writer
from measure import Figure, Server, arguments, finish, median, percentile, running_server

ROWS_PER_UPLOAD = 10
N_CHARTED = 20
"""Runs whose chart is asked, each for the first time and then again."""


async def send_hour(server: Server, n_writers: int, n_rows: int) -> float:
    """Have each writer send its rows; returns the seconds that took."""
    writers = [Writer(number, server) for number in range(n_writers)]
    begin = time.perf_counter()

    async def work(writer: Writer) -> None:
        await writer.connection.open()
        await writer.send(writer.log.head)
        for _ in range(n_rows // ROWS_PER_UPLOAD):
            await writer.send(b"".join(writer.log.row() for _ in range(ROWS_PER_UPLOAD)))
        writer.connection.close()

    await asyncio.gather(*map(work, writers))
    return time.perf_counter() - begin


def chart_millis(server: Server, run: str, n_rows: int) -> float:
    """Milliseconds for the curve of one metric of one run."""
    panel = {"runs": [run], "keys": ["metric/3"], "axis": "step", "n_buckets": 1000}
    request = urllib.request.Request(
        f"{server.url}/api/v1/projects/local/bench/series",
        json.dumps({"panels": [panel]}).encode(),
        {"Content-Type": "application/json"},
    )
    begin = time.perf_counter()
    with urllib.request.urlopen(request) as answer:
        body = answer.read()
    took = time.perf_counter() - begin
    if len(body) < min(n_rows, 400):
        raise SystemExit(f"the chart of {run} has only {len(body)} bytes")
    return took * 1e3


def charts(server: Server, runs: list[str], n_rows: int) -> tuple[float, float]:
    """Median milliseconds of a chart when it is asked first, and when it is asked again."""
    first = [chart_millis(server, run, n_rows) for run in runs]
    again = [min(chart_millis(server, run, n_rows) for _ in range(5)) for run in runs]
    return median(first), median(again)


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--writers", type=int, default=1000)
    parser.add_argument("--secs", type=int, default=3600, help="rows of each writer")
    args = parser.parse_args()
    with running_server() as server:
        asyncio.run(send_hour(server, 1, args.secs))
        time.sleep(5)
        charts(server, ["w00000"], args.secs)
        alone = [charts(server, ["w00000"], args.secs)[1] for _ in range(N_CHARTED)]
    with running_server() as server:
        took = asyncio.run(send_hour(server, args.writers, args.secs))
        runs = [f"w{n * args.writers // N_CHARTED:05}" for n in range(N_CHARTED)]
        first, again = charts(server, runs, args.secs)
        memory = server.memory_mb("VmHWM")
    n_rows = args.writers * args.secs
    name = f"{args.writers:,} writers for {args.secs:,} s"
    finish(
        [
            Figure(f"{name}, sent at", n_rows / took, "rows/s", at_least=True),
            Figure(f"{name}: chart of one run, first", first, "ms"),
            Figure(
                f"{name}: chart of one run, warm",
                again,
                "ms",
                2 * percentile(alone, 50),
                peer="that run alone",
                peer_figure=percentile(alone, 50),
            ),
            Figure(f"{name}: server memory, peak", memory, "MB", 600),
        ],
        args.json,
    )


if __name__ == "__main__":
    main()
