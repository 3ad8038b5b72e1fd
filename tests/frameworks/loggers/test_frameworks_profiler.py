"""Traces of PyTorch's profiler, by W&B's name of the function."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from framework_script import run_framework
from live_runs import LiveServer

TRACE = """
import torch
with wandb.init(project="tests", id="trace"):
    plan = torch.profiler.schedule(wait=1, warmup=1, active=2, repeat=1)
    handler = wandb.profiler.torch_trace_handler()
    with torch.profiler.profile(schedule=plan, on_trace_ready=handler) as profiler:
        for _ in range(5):
            torch.randn(100, 100).square().sum()
            profiler.step()
"""


def test_a_trace_is_a_file_of_the_run(live: LiveServer, tmp_path: Path) -> None:
    run_framework(live, tmp_path, TRACE, over_weft=True)
    (file,) = [f for f in live.run("trace").files() if f.name.startswith("pytorch_traces/")]
    file.download(str(tmp_path)).close()
    trace = json.loads(gzip.decompress((tmp_path / file.name).read_bytes()))
    assert "aten::randn" in {event.get("name") for event in trace["traceEvents"]}
