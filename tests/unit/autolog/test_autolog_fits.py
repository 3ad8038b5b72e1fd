"""Calls that train, and are logged by `weft.autolog`; the frameworks are left to
`make test-frameworks`."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import weft
from weft.integrations.autologging.fits import Fits, Options
from weft.sdk.session import session


@pytest.fixture(autouse=True)
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in {"MODE": "offline", "DIR": str(tmp_path), "SILENT": "true"}.items():
        monkeypatch.setenv(f"WEFT_{name}", value)
    monkeypatch.setenv("WEFT_SYSTEM_INTERVAL", "0")
    monkeypatch.setenv("WEFT_DISABLE_METADATA", "true")
    yield
    if weft.run is not None:
        weft.run.finish()


def test_the_outermost_fit_has_a_run_of_its_own_which_ends_with_it() -> None:
    fits = Fits(Options())
    fit = fits.begin("sklearn")
    assert fit is not None
    assert fit.is_own_run
    assert fits.begin("sklearn") is None, "a fit inside it"
    fits.end(fit, None)
    assert fit.run.finished
    assert fits.current is None


def test_a_fit_logs_to_the_active_run_and_leaves_it_open() -> None:
    run = weft.init(project="fits")
    fits = Fits(Options())
    fit = fits.begin("sklearn")
    assert fit is not None
    assert (fit.run.id, fit.is_own_run) == (run.id, False)
    fits.end(fit, None)
    assert not run.finished
    assert Fits(Options(exclusive=True)).begin("sklearn") is None


def test_nothing_is_logged_after_stop_or_while_another_thread_begins() -> None:
    fits = Fits(Options())
    begun = [threading.Event() for _ in range(2)]

    def hold() -> None:
        with fits._lock:
            begun[0].set()
            begun[1].wait(60)

    thread = threading.Thread(target=hold)
    thread.start()
    begun[0].wait(60)
    assert fits.begin("sklearn") is None
    begun[1].set()
    thread.join()
    fits.stop()
    assert fits.begin("sklearn") is None


def test_a_worker_of_the_process_that_logs_makes_no_runs(tmp_path: Path) -> None:
    with multiprocessing.get_context("fork").Pool(1) as pool:
        assert pool.apply(begins_fit) is False
    assert not list(tmp_path.rglob("run-*.weft"))


def begins_fit() -> bool:
    return Fits(Options()).begin("sklearn") is not None


def test_a_run_that_is_being_finished_gets_no_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    run = weft.init(project="fits")
    run.finish()
    with monkeypatch.context() as patch:  # as in another thread, until `finish` returns
        patch.setattr(session, "run", run)
        assert Fits(Options()).begin("sklearn") is None
