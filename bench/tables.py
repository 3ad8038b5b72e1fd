"""Tables: a million rows made and logged, and rows added one by one, beside the official client.

The official client keeps 10,000 of the rows in the run's file and 200,000 in an artifact.
"""

from __future__ import annotations

from pathlib import Path

from measure import Figure, arguments, finish, median
from peers import WEFT, available_peers, run_worker

HERE = Path(__file__).parent
OFFICIAL = "wandb"
N_ROWS = 1_000_000
N_ROUNDS = 3
BUDGET_SECS = 3.0


def measured(peer: str, case: str, n_rows: int, n_rounds: int = N_ROUNDS) -> float | None:
    """Seconds of the script's thread, the median of the rounds."""
    worker = [str(HERE / "tables_worker.py"), peer, case, str(n_rows)]
    secs = [
        run_worker(peer, worker, starts_with="[", activity=f" at {case}") for _ in range(n_rounds)
    ]
    return None if None in secs else median([figure for [figure] in secs])


def main() -> None:
    args = arguments(__doc__).parse_args()
    has_peer = OFFICIAL in available_peers()
    figures: list[Figure] = []
    for case, name in (
        ("rows", "1M rows x 5 columns from lists: Table() and log()"),
        ("frame", "1M rows x 5 columns from a dataframe: Table() and log()"),
        ("add", "1M rows x 5 columns by add_data(), and log()"),
    ):
        own = measured(WEFT, case, N_ROWS)
        if own is None:
            continue
        figure = Figure(name, own, "s", budget=BUDGET_SECS)
        if has_peer and case == "rows":
            figure.peer, figure.peer_figure = OFFICIAL, measured(OFFICIAL, case, N_ROWS, 1)
        figures.append(figure)
    for n_rows in (100, 10_000):
        own = measured(WEFT, "increments", n_rows)
        if own is None:
            continue
        name = f"{n_rows:,} increments of one row: add_data() and log(), each"
        figure = Figure(name, own / n_rows * 1e6, "µs")
        if has_peer and n_rows == 100:
            theirs = measured(OFFICIAL, "increments", n_rows, 1)
            figure.peer = OFFICIAL
            figure.peer_figure = None if theirs is None else theirs / n_rows * 1e6
        figures.append(figure)
    finish(figures, args.json)


if __name__ == "__main__":
    main()
