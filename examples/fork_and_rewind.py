"""One training, another learning rate from its middle on (a fork), and a second try at its end.

    python examples/fork_and_rewind.py

A fork is a run of its own that begins as a copy. A rewind goes on in the run itself; the rows that
no longer count are kept.
"""

from __future__ import annotations

import weft


def train(run: weft.Run, loss: float, rate: float, n_steps: int) -> float:
    for _ in range(n_steps):
        loss *= 1 - rate
        run.log({"loss": loss, "rate": rate})
    return loss


def main() -> None:
    run = weft.init(project="examples", config={"rate": 0.05})
    middle = train(run, 1.0, 0.05, 50)
    train(run, middle, 0.05, 50)
    run.finish()

    fork = weft.init(project="examples", fork_from=f"{run.id}?_step=49", name="faster from 50 on")
    fork.config.update({"rate": 0.1}, allow_val_change=True)
    train(fork, middle, 0.1, 50)
    fork.finish()

    again = weft.init(project="examples", resume_from=f"{run.id}?_step=49")
    assert (again.id, again.step) == (run.id, 50)
    train(again, middle, 0.02, 50)
    again.finish()


if __name__ == "__main__":
    main()
