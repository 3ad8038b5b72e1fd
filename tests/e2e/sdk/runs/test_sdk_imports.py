"""Imports of weft's modules, each in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]


def run_alone(code: str) -> list[str]:
    """The words that code prints in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )  # fmt: skip
    return done.stdout.split()


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import weft.apis.public as p, weft; print(p.Run.__name__, p.Api is weft.Api)",
         ["StoredRun", "True"]),
        ("import weft.data_types; print(weft.data_types.Table is weft.Table)", ["True"]),
        ("import weft.plot; print(weft.plot.line.__name__)", ["line"]),
        ("from weft.plot import roc_curve; print(roc_curve.__name__)", ["roc_curve"]),
        ("from weft import plot, data_types; print(plot.__name__)", ["weft.plot"]),
        ("import weft; print(weft.plot.bar.__name__, weft.data_types.__name__)",
         ["bar", "weft.data_types"]),
        ("import weft; print('weft.plot' in __import__('sys').modules)", ["False"]),
    ],
)  # fmt: skip
def test_modules_can_be_imported_as_w_and_bs(code: str, expected: list[str]) -> None:
    assert run_alone(code) == expected


def test_importing_weft_imports_next_to_nothing() -> None:
    code = (
        "import sys; before = set(sys.modules); import weft; print(*(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        capture_output=True, text=True, check=True, env={"PYTHONPATH": str(ROOT / "src")},
    )  # fmt: skip
    assert set(done.stdout.split()) <= {"weft", "__future__", "types"}


SLOW_MODULES = ("typing_extensions", "inspect", "ast", "tokenize", "dis", "ssl", "http", "hashlib",
                "subprocess", "logging", "dataclasses", "json", "asyncio", "socket", "random",
                "tempfile", "shutil", "traceback", "email", "numpy", "ctypes")  # fmt: skip
"""Modules of the standard library and others that take 1 to 15 ms each."""

LATE_MODULES = ("msgspec.inspect", "msgspec.toml", "msgspec.yaml", "textwrap", "fnmatch", "ntpath",
                "platform", "urllib.parse")  # fmt: skip
"""Modules that other libraries import and a run does not use: they are there, and not loaded."""

UNUSED_MODULES = (
    "weft.records.nearest",
    "weft.runlog.child_log",
    "weft.sdk.console.styles",
    "weft.sdk.console.terminal",
    "weft.sdk.run_settings",
    "weft.sdk.rows.writers",
    "weft.sdk.setup.assigned_run",
    "weft.sdk.setup.sagemaker",
    "weft.sdk.setup.sampling_checks",
)
"""Modules of ours for scripts that need them: a run with rows and printed lines does not."""

MOST_MODULES = 106
"""Modules of ours that a first run loads: each takes about a quarter of a millisecond."""


@pytest.mark.skipif(sys.version_info < (3, 11), reason="msgspec needs its functions there")
def test_a_first_run_loads_no_slow_module(tmp_path: Path) -> None:
    code = (
        f"import os, sys; os.chdir({str(tmp_path)!r}); before = set(sys.modules); import weft\n"
        "weft.init(mode='offline', settings={'silent': True}).log({'loss': 0.5})\n"
        "print('hello')\n"
        f"unwanted = {set(SLOW_MODULES + UNUSED_MODULES)!r} & set(sys.modules) - before\n"
        f"loaded = [name for name in {LATE_MODULES!r} if type(sys.modules[name]) is type(sys)]\n"
        "n_modules = sum(name.partition('.')[0] == 'weft' for name in sys.modules)\n"
        "print(*unwanted, *loaded, n_modules)"
    )
    greeting, *unwanted, n_modules = run_alone(code)
    assert (greeting, unwanted) == ("hello", [])
    assert int(n_modules) <= MOST_MODULES


def test_our_modules_are_those_that_pythons_own_search_finds() -> None:
    """The short search by names gives each module the attributes of the long one."""
    code = """if True:
        import importlib.machinery, importlib.util, sys
        import weft
        weft.init
        own = [name for name in sys.modules if name.startswith("weft.")]
        for name in own:
            module = sys.modules[name]
            spec = importlib.util.find_spec(name, module.__package__)
            expected = importlib.machinery.PathFinder.find_spec(
                name, sys.modules[name.rpartition(".")[0]].__path__)
            assert spec is module.__spec__
            for field in ("origin", "cached", "has_location", "parent"):
                assert getattr(spec, field) == getattr(expected, field), (name, field)
            assert type(spec.loader) is type(expected.loader), name
            assert list(spec.submodule_search_locations or []) == list(
                expected.submodule_search_locations or []), name
            assert (module.__file__, module.__cached__) == (expected.origin, expected.cached)
        print(len(own) > 50, any("OwnFinder" in type(f).__name__ for f in sys.meta_path))
    """
    assert run_alone(code) == ["True", "False"]


def test_weft_runs_from_a_zip_file(tmp_path: Path) -> None:
    archive = tmp_path / "weft.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for path in (ROOT / "src" / "weft").rglob("*.py"):
            file.write(path, path.relative_to(ROOT / "src"))
    code = (
        f"import sys; sys.path.insert(0, {str(archive)!r}); import weft\n"
        "print(weft.__file__.startswith(sys.path[0]), weft.init.__module__)"
    )
    assert run_alone(code) == ["True", "weft.sdk.init"]


@pytest.mark.skipif(sys.version_info < (3, 11), reason="msgspec needs its functions there")
def test_a_late_module_is_itself_once_it_is_used() -> None:
    """Two threads read its first name at once; a name that it lacks is missing as in any other."""
    code = """if True:
        import sys, threading, types
        import weft
        weft.init
        late = sys.modules["msgspec.inspect"]
        assert type(late) is not types.ModuleType
        barrier, kinds = threading.Barrier(8), []
        def use():
            barrier.wait()
            kinds.append(type(late.type_info(int)).__name__)
        threads = [threading.Thread(target=use) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        import inspect, ipaddress, msgspec, textwrap
        assert kinds == ["IntType"] * 8
        assert late is msgspec.inspect and type(late) is types.ModuleType
        assert inspect.getsourcefile(late).endswith("inspect.py")
        assert textwrap.dedent("  x") == "x" and str(ipaddress.ip_address("::1")) == "::1"
        assert not hasattr(msgspec.toml, "absent") and msgspec.toml.decode is not None
        print("done")
    """
    assert run_alone(code) == ["done"]


@pytest.mark.skipif(sys.version_info < (3, 11), reason="msgspec needs its functions there")
def test_names_that_a_late_module_has_at_once_are_the_modules_own_later() -> None:
    code = """if True:
        import weft
        weft.init
        import pathlib, platform, types, urllib.parse, uuid
        assert pathlib.Path("/a b").as_uri() == "file:///a%20b"
        assert type(urllib.parse) is types.ModuleType
        assert urllib.parse.quote_from_bytes.__module__ == "urllib.parse"
        assert platform.system() == platform.uname().system and uuid.uuid1()
        assert platform.system.__module__ == "platform"
        print("done")
    """
    assert run_alone(code) == ["done"]


def test_rows_keep_the_gil_once_a_second_thread_could_take_it(tmp_path: Path) -> None:
    code = f"""if True:
        import os, sys, threading
        os.chdir({str(tmp_path)!r})
        import weft
        from weft.runlog.reader import read_records
        from weft.runlog.writer import _write_keeping_gil
        run = weft.init(mode="offline", settings={{"silent": True}})
        run.log({{"loss": 1}})
        assert "ctypes" not in sys.modules
        end = threading.Event()
        threading.Thread(target=end.wait).start()
        run.log({{"loss": 2}})
        assert ("ctypes" in sys.modules) == (_write_keeping_gil() is not None)
        end.set()
        run.log({{"loss": 3}})
        (log,) = run.directory.glob("*.weft")
        print([type(record).__name__ for record in read_records(log)].count("Row"))
    """
    assert run_alone(code) == ["3"]


@pytest.mark.skipif(sys.version_info < (3, 11), reason="msgspec needs its functions there")
def test_the_import_of_msgspec_hides_a_module_from_msgspec_alone() -> None:
    """Another thread imports `typing_extensions` amid that import."""
    code = """if True:
        import sys, threading
        results = []
        def import_it():
            import typing_extensions
            results.append(typing_extensions.__name__)
        def import_amid(frame, event, argument):
            if frame.f_globals["__name__"] == "msgspec.json" and not results:
                thread = threading.Thread(target=import_it)
                thread.start()
                thread.join()
        finders = list(sys.meta_path)
        sys.setprofile(import_amid)
        import weft
        weft.init
        sys.setprofile(None)
        assert sys.meta_path == finders
        import msgspec._utils, typing_extensions
        assert msgspec._utils.Required is typing_extensions.Required
        assert msgspec._utils.NotRequired is typing_extensions.NotRequired
        print(*results)
    """
    assert run_alone(code) == ["typing_extensions"]
