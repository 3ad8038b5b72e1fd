"""The files of `deploy/`: they parse, and name settings, figures and values that exist.

Images, Compose and Helm themselves are not run here; `docs/scale.md` says so.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

import pytest
import yaml

from weft_command import run_weft

ROOT: Final = Path(__file__).parents[2]
DEPLOY: Final = ROOT / "deploy"
CHART: Final = DEPLOY / "helm" / "weft"
TEMPLATES: Final = sorted((CHART / "templates").iterdir())
OPTION: Final = re.compile(r"(?<![\w-])(--[a-z][a-z-]+)")
SERVER_FILES: Final = (
    DEPLOY / "compose.yaml",
    CHART / "templates" / "statefulset.yaml",
    CHART / "values.yaml",
    DEPLOY / "systemd" / "weft.service",
)
VARIABLE: Final = re.compile(r"\bWEFT_SERVER_[A-Z_]+\b")


def test_settings_of_servers_exist() -> None:
    shown = run_weft("server", "--help").stdout
    options, variables = {*OPTION.findall(shown)}, {*VARIABLE.findall(shown)}
    for path in SERVER_FILES:
        lines = path.read_text().splitlines()
        text = "\n".join(line for line in lines if "clickhouse-client" not in line)
        assert {*OPTION.findall(text)} <= options, path
        assert {*VARIABLE.findall(text)} <= variables, path
    assert "WEFT_SERVER_METRICS_URL" in (DEPLOY / "compose.yaml").read_text()


@pytest.mark.parametrize("path", [*DEPLOY.rglob("*.y*ml")], ids=lambda path: path.name)
def test_yaml_files_are_well_formed(path: Path) -> None:
    if path not in TEMPLATES:
        assert isinstance(yaml.safe_load(path.read_text()), dict)


def test_the_composed_services_name_each_other() -> None:
    composed: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    services, volumes = composed["services"], composed["volumes"]
    for name, service in services.items():
        for other in service.get("depends_on", {}):
            assert "healthcheck" in services[other], (name, other)
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            if source.startswith("."):
                assert (DEPLOY / source).is_file(), source
            else:
                assert source in volumes
    upstreams = re.findall(r"(\S+):8080", (DEPLOY / "Caddyfile").read_text().partition("{\n")[2])
    assert {"weft-1", "weft-2"} <= {*upstreams}
    assert {"weft-1", "weft-2"} <= services.keys()


def values_at(values: Any, name: str) -> Any:
    for part in name.split("."):
        assert part in values, name
        values = values[part]
    return values


def test_templates_of_the_chart_use_values_that_exist() -> None:
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    for path in TEMPLATES:
        text = path.read_text()
        for name in re.findall(r"\.Values\.([A-Za-z.]+)", text):
            values_at(values, name)
        blocks = re.findall(r"\{\{-?\s*(if|range|with|define|end)\b", text)
        assert blocks.count("end") * 2 == len(blocks), path
        assert text.count("{{") == text.count("}}")
    assert values["replicas"] == 1
    assert not values["stores"]["metadataUrl"]["secret"], "no database is assumed"
    for path in (CHART / "examples").iterdir():
        example = yaml.safe_load(path.read_text())
        for name, value in leaves(example):
            default = values_at(values, name) if not name.startswith("ingress.ann") else ""
            assert type(default) is type(value), name


def leaves(values: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """The names and values of settings that have no others below them."""
    listed: list[tuple[str, Any]] = []
    for name, value in values.items():
        if isinstance(value, dict) and name != "annotations":
            listed += leaves(value, f"{prefix}{name}.")
        elif name != "annotations":
            listed.append((f"{prefix}{name}", value))
    return listed


def test_the_image_is_that_of_the_guide_with_the_drivers() -> None:
    guide = (ROOT / "docs" / "guide" / "docker.md").read_text()
    example = re.findall(r"```dockerfile\n(.*?)```", guide, re.DOTALL)[0]
    image = (DEPLOY / "Containerfile").read_text()
    for line in example.splitlines():
        if not line.startswith(("RUN", "    ")):
            assert line in image, line
    extras = (ROOT / "pyproject.toml").read_text()
    for package in re.findall(r'"([a-z\[\]-]+>=[\d.]+)"', image):
        assert f'"{package}"' in extras, package


def test_clickhouse_keeps_no_log_tables() -> None:
    tree = ElementTree.parse(DEPLOY / "clickhouse" / "weft.xml")
    tables = {element.tag for element in tree.getroot()}
    assert {"query_log", "part_log", "trace_log", "metric_log"} <= tables
    assert {element.get("remove") for element in tree.getroot()} == {"1"}


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd")
@pytest.mark.parametrize("name", ["weft", "weft-user"])
def test_units_are_valid(tmp_path: Path, name: str) -> None:
    unit = (DEPLOY / "systemd" / f"{name}.service").read_text()
    command = re.sub(r"^ExecStart=\S+", f"ExecStart={shutil.which('true')}", unit, flags=re.M)
    path = tmp_path / f"{name}.service"
    path.write_text(command)
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", path],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "HOME": str(tmp_path)},
    )
    assert (checked.returncode, checked.stderr) == (0, "")
