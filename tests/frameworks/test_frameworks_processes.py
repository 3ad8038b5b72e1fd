"""PyTorch's processes: DataLoader workers and ranks that `torch.multiprocessing` starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from live_runs import LiveServer, await_no_sidecar
from sdk_script import run_script

pytestmark = pytest.mark.timeout(300)


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
@pytest.mark.parametrize("persistent", [True, False])
def test_dataloader_workers_log_under_their_numbers(
    tmp_path: Path, live: LiveServer, method: str, persistent: bool
) -> None:
    run_id = f"loader-{method}-{persistent}"
    script = run_script(
        tmp_path,
        f"""
        import torch, weft
        from torch.utils.data import DataLoader, Dataset

        class Numbers(Dataset):
            def __init__(self, run): self.run = run
            def __len__(self): return 12
            def __getitem__(self, index):
                weft.log({{"index": index}})
                self.run.log({{"again": torch.tensor(index)}})
                return index

        def main():
            run = weft.init(id="{run_id}")
            loader = DataLoader(
                Numbers(run), batch_size=2, num_workers=2,
                multiprocessing_context="{method}", persistent_workers={persistent},
            )
            for epoch in range(2):
                for batch in loader:
                    run.log({{"batch": int(batch.sum())}})

        if __name__ == "__main__":
            main()
        """,
        live.environment,
    )
    assert script.exit_code == 0, script.stderr
    assert "Traceback" not in script.stderr, script.stderr
    run = live.ended(run_id)
    assert run.state == "finished"
    assert sorted(live.values(run_id, "index")) == sorted(2 * list(range(12)))
    assert sorted(live.values(run_id, "again")) == sorted(2 * list(range(12)))
    assert len(live.values(run_id, "batch")) == 12
    (main,) = (writer for writer in run.writers if writer.parent is None)
    workers = [
        writer
        for writer in run.writers
        if writer.parent == main.writer and writer.labels["process"] != "system"
    ]
    assert {writer.labels["process"] for writer in workers} == {"worker-0", "worker-1"}
    await_no_sidecar()


def test_an_error_in_a_rank_ends_the_others_and_is_seen(tmp_path: Path, live: LiveServer) -> None:
    script = run_script(
        tmp_path,
        """
        import torch.multiprocessing, weft

        def main(rank):
            run = weft.init(id=f"rank-{rank}")
            run.log({"rank": rank})
            raise ValueError(f"of rank {rank}")

        if __name__ == "__main__":
            torch.multiprocessing.spawn(main, nprocs=2, args=())
        """,
        live.environment,
    )
    assert script.exit_code == 1
    assert "ValueError: of rank" in script.stderr
    states = {live.ended(f"rank-{rank}").state for rank in range(2) if live.has(f"rank-{rank}")}
    assert "failed" in states
    assert states <= {"failed", "killed", "crashed"}, "the other rank is ended by a signal"
    await_no_sidecar()


def test_torchrun_ranks_are_one_run_without_a_flag(tmp_path: Path, live: LiveServer) -> None:
    (tmp_path / "train.py").write_text(
        "import os, weft\nrun = weft.init()\nrun.log({'loss': int(os.environ['RANK'])})\n"
    )
    script = run_script(
        tmp_path,
        """
        import runpy, sys
        sys.argv = ["torchrun", "--nproc-per-node=2", "--standalone", "train.py"]
        runpy.run_module("torch.distributed.run", run_name="__main__")
        """,
        {**live.environment, "WANDB_RUN_ID": "torchrun"},
    )
    assert script.exit_code == 0, script.stderr
    run = live.ended("torchrun")
    assert run.state == "finished"
    assert sorted(live.values("torchrun", "loss")) == [0, 1]
    ranks = [writer.labels["rank"] for writer in run.writers if writer.parent is None]
    assert sorted(ranks) == ["0", "1"]
    await_no_sidecar()
