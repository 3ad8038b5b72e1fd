"""The module `wandb` of scripts that `weft run` starts: it is weft under that name.

This folder is on the path of such a script and of the processes it starts.
"""

import sys

import weft


class _MissingModules:
    """The last finder of modules. It names the remedy for W&B's modules that weft lacks."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:  # noqa: ARG004
        if name.startswith("wandb."):
            from weft.sdk.setup.wandb_names import why_no_module

            raise ModuleNotFoundError(why_no_module(name.removeprefix("wandb.")), name=name)


for _name in ("data_types", "plot", "errors", "util"):
    sys.modules[f"wandb.{_name}"] = getattr(weft, _name)
sys.meta_path.append(_MissingModules)
# The import of `wandb` gives what stands here at its end.
sys.modules["wandb"] = weft
