"""`import`, `import` + `init` and their memory, beside the peers: medians of interleaved runs."""

from __future__ import annotations

from collections import defaultdict

from measure import Figure, arguments, finish, median
from peers import WEFT, available_peers, run_worker

N_ROUNDS = 7

WORKER = """
import json, sys, time
if "numpy" in sys.argv:
    import numpy
def rss_mb():
    return int(open("/proc/self/status").read().split("VmRSS:")[1].split()[0]) / 1024
bare = rss_mb()
begin = time.perf_counter()
{importing}
imported = time.perf_counter()
{starting}
started = time.perf_counter()
for number in range(1000):
    {logging}
print(json.dumps({{"import": (imported - begin) * 1e3, "both": (started - begin) * 1e3,
                  "memory": rss_mb() - bare}}), flush=True)
"""

STATEMENTS = {
    "weft": ("import weft", 'weft.init(project="bench")', 'weft.log({"loss": number / 7})'),
    "wandb": ("import wandb", 'wandb.init(project="bench")', 'wandb.log({"loss": number / 7})'),
    "trackio": ("import trackio", 'trackio.init(project="bench")', 'trackio.log({"loss": 1.0})'),
    "tensorboardX": (
        "import tensorboardX", 'w = tensorboardX.SummaryWriter("tb")', 'w.add_scalar("loss", 1.0)'
    ),
}  # fmt: skip


def run_once(peer: str, *, numpy: bool = False) -> dict[str, float] | None:
    importing, starting, logging = STATEMENTS[peer]
    code = WORKER.format(importing=importing, starting=starting, logging=logging)
    return run_worker(peer, ["-c", code, *(["numpy"] if numpy else [])], starts_with='{"import"')


def main(argv: list[str] | None = None) -> None:
    parser = arguments(__doc__)
    parser.add_argument("--rounds", type=int, default=N_ROUNDS)
    parser.add_argument("--alone", action="store_true", help="weft only, without its peers")
    args = parser.parse_args(argv)
    peers = [WEFT] if args.alone else available_peers()
    for peer in peers:
        run_once(peer)  # compiles what is not compiled yet
    figures: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    for _ in range(args.rounds):
        for peer in peers:
            for measure, value in (run_once(peer) or {}).items():
                figures[peer, measure].append(value)
        for measure, value in (run_once(WEFT, numpy=True) or {}).items():
            figures[WEFT, f"{measure} with numpy"].append(value)

    def figure(name: str, measure: str, unit: str, budget: float, beside: str) -> Figure:
        others = {
            peer: median(figures[peer, beside]) for peer in peers[1:] if figures[peer, beside]
        }
        fastest = min(others, key=lambda peer: others[peer]) if others else None
        own = median(figures[WEFT, measure])
        return Figure(name, own, unit, budget, peer=fastest, peer_figure=others.get(fastest or ""))

    finish(
        [
            figure("import weft", "import", "ms", 10, "import"),
            figure("import weft + init()", "both", "ms", 40, "both"),
            figure("import weft + init(), numpy loaded", "both with numpy", "ms", 25, ""),
            figure("memory of the training process", "memory", "MB", 15, "memory"),
        ],
        args.json,
    )


if __name__ == "__main__":
    main()
