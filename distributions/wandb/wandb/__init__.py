"""The name `wandb` for weft, whose modules under this name are in `weft/compat`.

They are loaded from there, so that a new weft brings its own with it.
"""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from typing import TYPE_CHECKING

from weft.sdk.wandb_package import COMPAT

if TYPE_CHECKING:
    from weft import *  # noqa: F403

_spec = spec_from_file_location("wandb", COMPAT / "wandb" / "__init__.py")
assert _spec is not None
assert _spec.loader is not None
_module = module_from_spec(_spec)
sys.modules["wandb"] = _module  # what the statement `import wandb` takes
_spec.loader.exec_module(_module)
