"""The files of the pages on SLURM, Docker and Kubernetes.

Job scripts run, with stand-ins for SLURM's commands; manifests have the fields they need, and what
they start are commands with options that exist. None of it has run on a cluster.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

import weft
from pasted_shell import PROGRAMS
from sdk_script import script_environment
from weft.cli.main import cli

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "guide"
PAGES = ["slurm", "docker", "kubernetes"]

TRAIN = """
import sys, weft
with weft.init(config={"arguments": sys.argv[1:]}) as run:
    run.log({"loss": 1.0})
"""

STAND_INS = {
    "srun": 'exec "$@"',
    "scontrol": "echo node1; echo node2",
    "torchrun": 'while [ "$1" != train.py ]; do shift; done; exec python "$@"',
}
"""The commands of a cluster, on a machine without one."""


def blocks(page: str, language: str) -> list[str]:
    text = (GUIDE / f"{page}.md").read_text()
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("page", PAGES)
def test_shell_blocks_parse_and_variables_exist(page: str) -> None:
    for block in blocks(page, "bash"):
        subprocess.run(["bash", "-n"], input=block, text=True, check=True)
    settings = (ROOT / "docs/reference/settings.md").read_text()
    names = set(re.findall(r"\bWEFT_[A-Z_]+\b", (GUIDE / f"{page}.md").read_text()))
    assert {name for name in names if f"`{name}`" not in settings} <= {"WEFT_SERVER_PORT"}


@pytest.mark.parametrize("page", PAGES)
def test_weft_commands_have_options_that_exist(page: str) -> None:
    text = "\n".join(blocks(page, "bash")).replace("\\\n", " ")
    verbs = "|".join(map(re.escape, cli.commands))
    commands = re.findall(rf"\bweft ((?:{verbs})\b[^#|;\n]*)", text)
    commands += [shlex.join(words[1:]) for words in container_commands(page) if words[0] == "weft"]
    commands += re.findall(r'CMD \["weft", (.*)\]', "".join(blocks(page, "dockerfile")))
    assert commands
    for command in commands:
        expect_command(shlex.split(command.replace('", "', " ").strip('"')))


def expect_command(words: list[str]) -> None:
    """Fail if the words after `weft` name a command or an option that does not exist."""
    command: click.Command = cli
    while isinstance(command, click.Group) and words and words[0] in command.commands:
        command, words = command.commands[words[0]], words[1:]
    options = {name for option in command.params for name in option.opts}
    assert command is not cli, words
    assert {word for word in words if word.startswith("--")} - options == set()


def container_commands(page: str) -> list[list[str]]:
    return [container["args"] for container in containers(page) if "args" in container]


def containers(page: str) -> list[dict[str, Any]]:
    """The containers of a page's manifests."""
    pods = [part["spec"]["template"]["spec"] for part in parts(page) if "template" in part["spec"]]
    return [container for pod in pods for container in pod["containers"]]


def parts(page: str) -> list[dict[str, Any]]:
    files = (yaml.safe_load_all(block) for block in blocks(page, "yaml"))
    return [part for file in files for part in file if "kind" in part]


def test_job_scripts_record_what_the_page_says(tmp_path: Path) -> None:
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    for name, body in STAND_INS.items():
        (bin_folder / name).write_text(f"#!/bin/bash\n{body}\n")
        (bin_folder / name).chmod(0o755)
    (tmp_path / "train.py").write_text(TRAIN)
    path = os.pathsep.join([str(bin_folder), str(PROGRAMS), os.environ["PATH"]])
    slurm = {
        "SLURM_SUBMIT_DIR": str(tmp_path),
        "SLURM_JOB_ID": "71",
        "SLURM_JOB_NAME": "seeds",
        "SLURM_ARRAY_JOB_ID": "70",
        "SLURM_ARRAY_TASK_ID": "3",
        "SLURM_JOB_NODELIST": "node[1-2]",
        "SLURM_NNODES": "2",
    }
    offline = {"WEFT_MODE": "offline", "WEFT_SYSTEM_INTERVAL": "0", "HOME": str(tmp_path)}
    environment = script_environment({**slurm, **offline, "PATH": path})
    scripts = [block for block in blocks("slurm", "bash") if block.startswith("#!")]
    for script in scripts:
        subprocess.run(
            ["bash", "-c", script, "job", "--lr", "1"], env=environment, cwd="/", check=True
        )
    runs = {run.name: run for run in weft.Api(tmp_path).runs("digits")}
    assert runs["seeds-71"].config["arguments"] == ["--lr", "1"]
    array = runs["seed-3"]
    assert (array.group, array.config["arguments"]) == ("seeds-70", ["--seed", "3"])
    assert {run.id for run in runs.values()} >= {"ddp-71"}
    assert len(runs) == len(scripts) == 3


def test_manifests_fit_together() -> None:
    by_kind = {(part["kind"], part["metadata"]["name"]): part for part in parts("kubernetes")}
    server, job = by_kind["Deployment", "weft"], by_kind["Job", "train"]
    template = server["spec"]["template"]
    (service,) = (part for (kind, _), part in by_kind.items() if kind == "Service")
    assert service["metadata"]["name"] != "weft-server"  # it would set WEFT_SERVER_PORT
    assert service["spec"]["selector"] == template["metadata"]["labels"]
    assert server["spec"]["selector"]["matchLabels"] == template["metadata"]["labels"]
    assert (server["spec"]["replicas"], server["spec"]["strategy"]["type"]) == (1, "Recreate")
    for spec in (template["spec"], job["spec"]["template"]["spec"]):
        (container,) = spec["containers"]
        claims = {volume["persistentVolumeClaim"]["claimName"] for volume in spec["volumes"]}
        assert all(("PersistentVolumeClaim", claim) in by_kind for claim in claims)
        names = {volume["name"] for volume in spec["volumes"]}
        assert {mount["name"] for mount in container["volumeMounts"]} == names
    ports = {port["name"]: port["containerPort"] for port in containers("kubernetes")[0]["ports"]}
    probes = [probe for key, probe in containers("kubernetes")[0].items() if "Probe" in key]
    assert {probe["httpGet"]["path"] for probe in probes} == {"/healthz", "/readyz"}
    assert {probe["httpGet"]["port"] for probe in probes} == ports.keys()
    assert str(ports["http"]) in containers("kubernetes")[0]["args"]
    variables = {entry["name"]: entry for entry in containers("kubernetes")[1]["env"]}
    assert (
        variables["WEFT_BASE_URL"]["value"] == f"http://weft:{service['spec']['ports'][0]['port']}"
    )
    assert job["spec"]["template"]["spec"]["restartPolicy"] in {"Never", "OnFailure"}


def test_compose_names_files_and_volumes_that_the_page_has() -> None:
    (compose,) = (yaml.safe_load(block) for block in blocks("docker", "yaml"))
    text = (GUIDE / "docker.md").read_text()
    mounts = [
        mount.split(":")[0]
        for service in compose["services"].values()
        for mount in service["volumes"]
    ]
    assert set(mounts) == compose["volumes"].keys()
    assert f"`{compose['services']['train']['build']['dockerfile']}`" in text
    for dockerfile in blocks("docker", "dockerfile"):
        instructions = re.findall(r"^([A-Z]+) ", dockerfile, re.MULTILINE)
        assert instructions[0] == "FROM"
        assert instructions[-1] == "CMD"
