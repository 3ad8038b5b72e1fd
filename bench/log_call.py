"""The cost of `log()`, compared with the official client (offline), trackio and tensorboardX.

Five interleaved runs of each case; every figure is the median of the five. Each tracker runs in
its own environment and process, on the same rows. weft runs as in real life: with its sidecar.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from measure import Figure, arguments, finish, median, percentile
from peers import WEFT, available_peers, run_worker

HERE = Path(__file__).parent
N_ROUNDS = 5
OFFICIAL = "wandb"


@dataclass(frozen=True)
class Case:
    """A way to call `log()`, its budgets in µs, and how many times the fastest peer it must be."""

    name: str
    n_keys: int
    situation: str
    n_calls: int
    kind: str = "float"
    p50_budget: float | None = None
    p99_budget: float | None = None
    least_ratio: float | None = None
    peers: bool = True


CASES = (
    Case("1 scalar, back to back", 1, "back_to_back", 5_000),
    Case(
        "10 scalars, back to back",
        10,
        "back_to_back",
        5_000,
        p50_budget=5,
        p99_budget=50,
        least_ratio=4,
    ),
    Case("100 scalars, back to back", 100, "back_to_back", 1_500, p50_budget=20),
    Case(
        "10 np.float32, back to back",
        10,
        "back_to_back",
        5_000,
        "f32",
        p50_budget=5,
        p99_budget=50,
        peers=False,
    ),
    Case(
        "10 np.float64, back to back",
        10,
        "back_to_back",
        5_000,
        "f64",
        p50_budget=5,
        p99_budget=50,
        peers=False,
    ),
    Case(
        "10 defined metrics, back to back",
        10,
        "back_to_back",
        5_000,
        "defined",
        p50_budget=15,
        peers=False,
    ),
    Case(
        "10 scalars, 5 ms numpy between",
        10,
        "gap",
        200,
        p50_budget=50,
        p99_budget=250,
        least_ratio=1.5,
    ),
    Case(
        "10 scalars, 8 threads of 5 ms numpy",
        10,
        "threads",
        320,
        p50_budget=50,
        p99_budget=250,
        least_ratio=1.5,
    ),
    Case(
        "10 scalars, beside a spinning thread",
        10,
        "spin",
        200,
        p50_budget=50,
        p99_budget=250,
        least_ratio=1.5,
    ),
)
TENSORBOARD_MAX_KEYS = 10
"""It takes a call a metric; 100 of them say nothing that 10 do not."""


def run_once(peer: str, case: Case) -> list[float] | None:
    worker = [str(HERE / "log_worker.py"), peer, str(case.n_keys), case.kind]
    return run_worker(
        peer,
        [*worker, str(case.n_calls), case.situation],
        starts_with="[",
        activity=f" at {case.name}",
    )


def bytes_a_point(n_keys: int, n_rows: int = 2000) -> float:
    """Size of the run log for each value logged, of noisy floats every 10 ms."""
    from logs import LogMaker

    log = LogMaker("bench000", n_keys)
    return sum(len(log.row()) for _ in range(n_rows)) / n_rows / n_keys


def main(argv: list[str] | None = None) -> None:
    parser = arguments(__doc__)
    parser.add_argument("--rounds", type=int, default=N_ROUNDS)
    parser.add_argument("--alone", action="store_true", help="weft only, without its peers")
    args = parser.parse_args(argv)
    peers = [WEFT] if args.alone else available_peers()
    p50: defaultdict[tuple[str, Case], list[float]] = defaultdict(list)
    p99: defaultdict[tuple[str, Case], list[float]] = defaultdict(list)
    for number in range(args.rounds):
        print(f"round {number + 1} of {args.rounds}", flush=True)
        for case in CASES:
            for peer in peers if case.peers else [WEFT]:
                if peer == "tensorboardX" and case.n_keys > TENSORBOARD_MAX_KEYS:
                    continue
                micros = run_once(peer, case)
                if micros:
                    p50[peer, case].append(percentile(micros, 50))
                    p99[peer, case].append(percentile(micros, 99))
    figures: list[Figure] = []
    for case in CASES:
        others = {peer: median(p50[peer, case]) for peer in peers[1:] if p50[peer, case]}
        fastest = min(others, key=lambda peer: others[peer]) if others else None
        tails = {peer: median(p99[peer, case]) for peer in others}
        figures += [
            Figure(
                f"log() of {case.name}, p50", median(p50[WEFT, case]), "µs", case.p50_budget,
                peer=fastest, peer_figure=others.get(fastest or ""),
            ),
            Figure(
                f"log() of {case.name}, p99", median(p99[WEFT, case]), "µs", case.p99_budget,
                peer=fastest, peer_figure=tails.get(fastest or ""),
            ),
        ]  # fmt: skip
        figures += ratios(case, median(p50[WEFT, case]), others)
    figures.append(Figure("run log, rows of 10 metrics", bytes_a_point(10), "B/point", 12))
    figures.append(Figure("run log, rows of one metric", bytes_a_point(1), "B/row", 34))
    finish(figures, args.json)


def ratios(case: Case, own: float, others: dict[str, float]) -> list[Figure]:
    """Weft's advantage as a factor, where there is a budget for it."""
    if case.least_ratio is None or not others:
        return []
    figures: list[Figure] = []
    if OFFICIAL in others:
        official = 20.0 if case.situation == "back_to_back" else None
        figures.append(
            Figure(f"log() of {case.name}, times faster than {OFFICIAL}",
                   others[OFFICIAL] / own, "×", official, at_least=True)
        )  # fmt: skip
    figures.append(
        Figure(f"log() of {case.name}, times faster than the fastest peer",
               min(others.values()) / own, "×", case.least_ratio, at_least=True)
    )  # fmt: skip
    return figures


if __name__ == "__main__":
    main()
