"""One run of many processes: forked or spawned workers log to it beside the main script.

    python examples/many_processes.py
    torchrun --nproc-per-node 4 train.py     # ranks: give all one id, see docs/guide/client.md

Each process writes a log of its own; nothing is locked, and nobody waits for anybody.
"""

from __future__ import annotations

import multiprocessing

import weft

N_WORKERS = 3


def work(run: weft.Run, number: int) -> None:
    for n in range(20):
        run.log({f"worker{number}/score": n * number})
    run.finish()  # ends this worker's log; the run goes on


def main() -> None:
    run = weft.init(project="examples", group="workers", config={"workers": N_WORKERS})
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=work, args=(run, n)) for n in range(N_WORKERS)]
    for worker in workers:
        worker.start()
    for n in range(20):
        run.log({"main/score": n})
    for worker in workers:
        worker.join()
    run.finish()


if __name__ == "__main__":
    main()
