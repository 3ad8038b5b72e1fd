"""Limits of containers, read from files as Linux lays them out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from weft.sync.sampling.cgroup import read_limits
from weft.sync.sampling.machine import Machine
from weft.sync.sampling.process import ProcessTree

PID = 42
MB = 2**20


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


V2 = "30 25 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n"


def test_version_2_gives_cpus_and_memory_without_droppable_cache(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "proc/42/cgroup": "0::/docker/abc\n",
            "proc/42/mountinfo": V2,
            "sys/fs/cgroup/docker/abc/memory.max": f"{512 * MB}\n",
            "sys/fs/cgroup/docker/abc/memory.current": f"{200 * MB}\n",
            "sys/fs/cgroup/docker/abc/memory.stat": f"anon 1\ninactive_file {72 * MB}\n",
            "sys/fs/cgroup/docker/abc/cpu.max": "150000 100000\n",
        },
    )
    limits = read_limits(PID, tmp_path)
    assert (limits.n_cpus, limits.memory_bytes) == (1.5, 512 * MB)
    assert limits.memory_used_bytes() == 128 * MB
    figures = Machine(limits).figures()
    assert figures["system.memory_percent"] == 25.0
    assert figures["system.proc.memory.availableMB"] == 384.0


def test_a_container_sees_its_part_of_the_hierarchy_as_the_root(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "proc/42/cgroup": "0::/../host/pod1\n",
            "proc/42/mountinfo": V2,
            "sys/fs/cgroup/memory.max": f"{64 * MB}\n",
            "sys/fs/cgroup/memory.current": f"{16 * MB}\n",
        },
    )
    limits = read_limits(PID, tmp_path)
    assert (limits.memory_bytes, limits.memory_used_bytes()) == (64 * MB, 16 * MB)
    bound = V2.replace(" / /sys", " /kubepods/pod1 /sys")
    write(
        tmp_path,
        {"proc/42/cgroup": "0::/kubepods/pod1\n", "proc/42/mountinfo": bound},
    )
    assert read_limits(PID, tmp_path).memory_bytes == 64 * MB


def test_the_smallest_limit_of_a_batch_job_counts(tmp_path: Path) -> None:
    job = "sys/fs/cgroup/slurm/job_1"
    write(
        tmp_path,
        {
            "proc/42/cgroup": "0::/slurm/job_1/step_0/task_0\n",
            "proc/42/mountinfo": V2,
            f"{job}/step_0/task_0/memory.max": "max\n",
            f"{job}/step_0/task_0/memory.current": "1\n",
            f"{job}/step_0/task_0/cpu.max": "max 100000\n",
            f"{job}/memory.max": f"{100 * MB}\n",
            f"{job}/memory.current": f"{60 * MB}\n",
            "sys/fs/cgroup/slurm/memory.max": f"{900 * MB}\n",
            "sys/fs/cgroup/slurm/memory.current": f"{700 * MB}\n",
        },
    )
    limits = read_limits(PID, tmp_path)
    assert (limits.memory_bytes, limits.memory_used_bytes()) == (100 * MB, 60 * MB)
    assert limits.n_cpus is None


def test_version_1_has_a_hierarchy_for_each_controller(tmp_path: Path) -> None:
    memory, cpu = "sys/fs/cgroup/memory/docker/abc", "sys/fs/cgroup/cpu,cpuacct/docker/abc"
    write(
        tmp_path,
        {
            "proc/42/cgroup": "11:pids:/x\n9:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc\n",
            "proc/42/mountinfo": (
                "31 25 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
                "32 25 0:28 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
            ),
            f"{memory}/memory.limit_in_bytes": f"{256 * MB}\n",
            f"{memory}/memory.usage_in_bytes": f"{100 * MB}\n",
            f"{memory}/memory.stat": f"cache 5\ntotal_inactive_file {36 * MB}\n",
            "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
            f"{cpu}/cpu.cfs_quota_us": "200000\n",
            f"{cpu}/cpu.cfs_period_us": "100000\n",
            "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "-1\n",
            "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
        },
    )
    limits = read_limits(PID, tmp_path)
    assert (limits.n_cpus, limits.memory_bytes) == (2.0, 256 * MB)
    assert limits.memory_used_bytes() == 64 * MB


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"proc/42/cgroup": "0::/\n", "proc/42/mountinfo": V2, "sys/fs/cgroup/cpu.max": "max 1"},
        {"proc/42/cgroup": "nonsense\n\n0::/a", "proc/42/mountinfo": "1 2 -\n - cgroup2\n"},
        {"proc/42/cgroup": "0::/", "proc/42/mountinfo": V2, "sys/fs/cgroup/memory.max": "lots"},
    ],
)
def test_without_limits_the_machine_counts(tmp_path: Path, files: dict[str, str]) -> None:
    write(tmp_path, files)
    limits = read_limits(PID, tmp_path)
    assert (limits.n_cpus, limits.memory_bytes, limits.memory_used_bytes()) == (None, None, None)
    assert 0 < Machine(limits).figures()["system.memory_percent"] <= 100


def test_the_limit_is_what_the_process_is_a_share_of(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            f"proc/{PID}/cgroup": "0::/\n",
            f"proc/{PID}/mountinfo": V2,
            "sys/fs/cgroup/memory.max": f"{1000 * MB}\n",
            "sys/fs/cgroup/memory.current": "1\n",
        },
    )
    figures = ProcessTree(os.getpid(), read_limits(PID, tmp_path)).figures()
    share = figures["system.proc.memory.rssMB"] / 10
    assert figures["system.proc.memory.percent"] == pytest.approx(share, abs=0.001)
