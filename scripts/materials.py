"""Write what weft consists of as CycloneDX: `materials.py ENVIRONMENT WHEEL_OF_SERVER TARGET`.

ENVIRONMENT has the three wheels installed with all extras. The parts of the web app are those that
its build listed in `licenses.json`. Runs in an environment of its own (`materials.lock`), for
`release.py`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL


def main() -> None:
    environment, wheel, target = map(Path, sys.argv[1:])
    materials = of_environment(environment)
    parts = list(materials.components)
    materials.components.clear()  # a set, in which a part that is changed is lost
    for part in parts:
        if part.name in {"weft", "weft-server", "wandb"}:
            part.external_references.clear()  # the path from which it was installed
    (weft,) = (part for part in parts if part.name == "weft-server")
    materials.metadata.component = weft
    materials.components.update(part for part in parts if part is not weft)
    for notice in json.loads(zipfile.ZipFile(wheel).read("weft/server/web/licenses.json")):
        part = part_of_the_web_app(notice)
        materials.components.add(part)
        materials.register_dependency(weft, [part])
    text = JsonV1Dot6(materials).output_as_string(indent=1)
    fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if fault is not None:
        sys.exit(f"materials: {fault}")
    target.write_text(text)


def of_environment(environment: Path) -> Bom:
    """The packages of an environment, with their licenses."""
    command = [sys.executable, "-m", "cyclonedx_py", "environment", "--output-reproducible"]
    written = subprocess.run([*command, environment], check=True, capture_output=True).stdout
    return Bom.from_json(json.loads(written))  # type: ignore[attr-defined]


def part_of_the_web_app(notice: dict[str, Any]) -> Component:
    name, version = notice["name"], notice["version"]
    group, _, short_name = name.rpartition("/")
    license_id = notice["identifier"]
    return Component(
        name=name,
        version=version,
        bom_ref=f"npm:{name}@{version}",
        purl=PackageURL("npm", group or None, short_name, version),
        licenses=[LicenseFactory().make_from_string(license_id)] if license_id else [],
    )


if __name__ == "__main__":
    main()
