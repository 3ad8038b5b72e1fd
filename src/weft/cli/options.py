"""Options that several commands have."""

from __future__ import annotations

from typing import Final

import click

BASE_URL: Final = click.option("--base-url", help="Server to ask  [default: as for a run]")
JSON: Final = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
