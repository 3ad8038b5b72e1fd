"""The modules and classes that a first run needs, and garbage collections after the import."""

from __future__ import annotations

import json
from pathlib import Path

from sdk_script import run_script

MOST_MODULES = 125
"""Each module of ours costs 0.1 to 0.2 ms; a first run needs 121 of them."""

MOST_NAMED_TUPLES = 3
"""Each class of this kind costs 0.2 ms, four times as much as a struct of msgspec."""


def test_a_first_run_loads_few_modules_and_no_collection_scans_them(
    tmp_path: Path,
) -> None:
    script = run_script(
        tmp_path,
        """
        import gc, json, sys
        import weft
        weft.init
        n_young = len(gc.get_objects(generation=0)) + len(gc.get_objects(generation=1))
        was_frozen = gc.get_freeze_count()
        run = weft.init(mode="offline")
        modules = [module for name, module in sys.modules.items() if name.startswith("weft")]
        named_tuples = {
            thing.__qualname__
            for module in modules
            for thing in vars(module).values()
            if isinstance(thing, type) and hasattr(thing, "_field_defaults")
        }
        print(json.dumps([n_young, was_frozen, gc.isenabled(), len(modules), list(named_tuples)]))
        """,
        is_forked=False,
    )
    n_young, was_frozen, collects, n_modules, named_tuples = json.loads(script.stdout)
    assert n_young < 2000  # of 15,000 objects that the modules made
    assert was_frozen == 0
    assert collects
    assert n_modules <= MOST_MODULES
    assert len(named_tuples) <= MOST_NAMED_TUPLES, named_tuples


def test_objects_that_a_script_has_frozen_stay_frozen(tmp_path: Path) -> None:
    script = run_script(
        tmp_path,
        """
        import gc
        gc.freeze()
        before = gc.get_freeze_count()
        import weft
        weft.init
        print(gc.get_freeze_count() > before / 2 > 0)
        """,
        is_forked=False,
    )
    assert script.stdout == "True\n"
