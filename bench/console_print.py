"""The cost of a `print` of 80 characters while a tracker records the console.

Standard output is a file, as in a batch job. `no tracker` is the same `print` alone, which is
subtracted. trackio records no console, so only the official client does the same work. What
`log()` costs with capture on is measured beside the same call without it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from measure import Figure, arguments, finish, median
from peers import WEFT, environment, python_of

ROUNDS = 5
NO_TRACKER = "no tracker"
WORKER = """
import json, sys, time
peer, console = sys.argv[1:3]
if peer != "no tracker":
    import importlib
    tracker = importlib.import_module(peer)
    run = tracker.init(project="bench", settings=tracker.Settings(console=console))
line = "epoch 12 step 34567 loss=0.123456 accuracy=0.876543 examples/s=12345.6 lr=0.0010".ljust(80)
now = time.perf_counter_ns

def p50_us(call):
    for _ in range(2000):
        call()
    times = []
    for _ in range(20000):
        began = now()
        call()
        times.append(now() - began)
    return sorted(times)[len(times) // 2] / 1000

found = {"print": p50_us(lambda: print(line))}
if peer != "no tracker":
    found["log"] = p50_us(lambda: run.log({"loss": 0.5, "accuracy": 0.25, "lr": 0.001}))
json.dump(found, sys.stderr)
sys.stderr.write("\\n")
sys.stderr.flush()
run.finish() if peer != "no tracker" else None
"""


def measure(peer: str, console: str) -> dict[str, float]:
    """Microseconds (p50) of a print, and of a `log()` of three numbers."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (folder / "printed").open("w") as printed:
            done = subprocess.run(
                [python_of(WEFT if peer == NO_TRACKER else peer), "-c", WORKER, peer, console],
                env=environment(folder) | {"WEFT_MODE": "offline"},
                cwd=folder, stdout=printed, stderr=subprocess.PIPE, text=True, check=True,
            )  # fmt: skip
    millis_of: dict[str, float] = json.loads(done.stderr.splitlines()[0])
    return millis_of


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--alone", action="store_true", help="weft only, without its peer")
    args = parser.parse_args()
    cases = [(NO_TRACKER, ""), (WEFT, "wrap"), (WEFT, "redirect"), (WEFT, "off")]
    if not args.alone:
        cases.append(("wandb", "wrap"))
    rounds = [{case: measure(*case) for case in cases} for _ in range(ROUNDS)]

    def cost(case: tuple[str, str]) -> float:
        return median(
            [timings[case]["print"] - timings[NO_TRACKER, ""]["print"] for timings in rounds]
        )

    def log(case: tuple[str, str]) -> float:
        return median([timings[case]["log"] for timings in rounds])

    peer = None if args.alone else "wandb"
    theirs = cost(("wandb", "wrap")) if peer else None
    finish(
        [
            Figure("print of 80 characters, wrap: p50", cost((WEFT, "wrap")), "µs", 5.0,
                   peer=peer, peer_figure=theirs),
            Figure("print of 80 characters, redirect: p50", cost((WEFT, "redirect")), "µs", 5.0),
            Figure("log() of 3 numbers with capture: p50", log((WEFT, "wrap")), "µs", None,
                   peer="capture off", peer_figure=log((WEFT, "off"))),
        ],
        args.json,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
