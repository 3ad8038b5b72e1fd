"""A run of two ranks that torchrun starts, with progress bars of tqdm in both."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from live_runs import LiveServer
from sdk_script import script_environment

pytestmark = pytest.mark.timeout(300)

TRAIN = """
import os
import torch, weft
import torch.distributed as dist
from tqdm import tqdm

dist.init_process_group("gloo")
rank = dist.get_rank()
run = weft.init(id="torchrun-1", resume="allow")
print(f"rank {rank} of {dist.get_world_size()}")
for epoch in range(2):
    with tqdm(range(50), desc=f"epoch {epoch}", mininterval=0) as bar:
        for step in bar:
            loss = torch.tensor(1 / (1 + step))
            dist.all_reduce(loss)
            bar.set_postfix(loss=f"{loss.item():.3f}")
            if step == 25:
                tqdm.write(f"rank {rank} is half through")
    run.log({"loss": loss, "epoch": epoch})
run.finish()
dist.destroy_process_group()
"""


@pytest.mark.parametrize("console", ["wrap", "redirect"])
def test_bars_of_two_ranks_are_one_line_each_as_in_a_terminal(
    tmp_path: Path, live: LiveServer, console: str
) -> None:
    script = tmp_path / "train.py"
    script.write_text(textwrap.dedent(TRAIN).replace("torchrun-1", f"torchrun-{console}"))
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    env = {**live.environment, "WEFT_CONSOLE": console, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [*command, "--nproc-per-node=2", str(script)],
        cwd=tmp_path, env=script_environment(env), capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    run = live.ended(f"torchrun-{console}")
    for rank in (0, 1):
        printed = [line.text for line in run.console_logs(rank=rank, stream="stdout")]
        assert printed[0] == f"rank {rank} of 2"
        assert printed.count(f"rank {rank} is half through") == 2
        bars = [line.text for line in run.console_logs(rank=rank, stream="stderr")]
        drawn = [text for text in bars if text.startswith("epoch")]
        assert len(drawn) == 2, bars
        for epoch, text in enumerate(drawn):
            assert re.match(rf"epoch {epoch}: 100%\|█+\| 50/50 \[.*loss=0\.040\]", text), text
