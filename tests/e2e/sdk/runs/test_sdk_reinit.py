"""A further `init` while a run is active, and several active runs at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from at_length import at_length, case_at_length
from live_runs import LiveServer, await_no_sidecar
from sdk_script import run_script, run_well

pytestmark = pytest.mark.timeout(300)


@pytest.mark.parametrize(
    "policy",
    ["", *map(case_at_length, ("reinit=True", "reinit='finish_previous'", "reinit='default'"))],
)
def test_a_further_init_ends_the_run_before(tmp_path: Path, live: LiveServer, policy: str) -> None:
    name = "".join(char for char in policy if char.isalnum()) or "plain"
    run_well(
        tmp_path,
        f"""
        import weft

        first = weft.init(id="{name}1")
        first.log({{"a": 1}})
        second = weft.init(id="{name}2", {policy})
        assert first.finished and weft.run is second
        weft.log({{"a": 2}})
        """,
        live.environment,
    )
    for number in (1, 2):
        assert live.ended(f"{name}{number}").state == "finished"
        assert live.values(f"{name}{number}", "a") == [number]


@pytest.mark.parametrize("policy", [case_at_length("False"), "'return_previous'"])
def test_a_further_init_may_hand_back_the_run_before(
    tmp_path: Path, live: LiveServer, policy: str
) -> None:
    name = policy.strip("'").replace("_", "").lower()
    script = run_well(
        tmp_path,
        f"""
        import weft

        first = weft.init(id="{name}")
        weft.log({{"a": 1}})
        assert weft.init(id="other", reinit={policy}) is first is weft.run
        weft.log({{"a": 2}})
        try:
            weft.init(id="other", resume="must", reinit={policy})
        except weft.errors.ConfigError as error:
            print(error)
        first.finish()
        assert weft.init(id="{name}-next", reinit={policy}) is not first
        """,
        live.environment,
    )
    assert f"Run {name} is active: init() returns it" in script.stderr
    assert f"resume='must' while run '{name}' is active: finish it first" in script.stdout
    assert live.values(name, "a") == [1, 2]
    assert live.has(f"{name}-next")
    assert not live.has("other")


def test_several_runs_are_active_each_with_a_log_and_summary_of_its_own(
    tmp_path: Path, live: LiveServer
) -> None:
    run_well(
        tmp_path,
        """
        import weft

        first = weft.init(id="multi0", config={"n": 0})
        others = [
            weft.init(id=f"multi{n}", config={"n": n}, reinit="create_new") for n in (1, 2)
        ]
        assert weft.run is first and weft.config.n == 0
        for n in range(3):
            weft.log({"a": 10 + n})
            for number, run in enumerate(others, 2):
                run.log({"a": 10 * number + n})
                run.summary["best"] = number
        others[0].config.added = True
        others[0].finish()
        others[1].log({"late": 1})
        assert weft.run is first
        first.finish()
        assert weft.run is None
        others[1].log({"later": 1})
        """,
        live.environment,
    )
    for number in (0, 1, 2):
        stored = live.ended(f"multi{number}")
        assert stored.state == "finished"
        assert stored.config["n"] == number
        base = 10 * (number + 1)
        assert live.values(f"multi{number}", "a") == [base, base + 1, base + 2]
        assert stored.summary["a"] == base + 2
        assert stored.summary.get("best") == (number + 1 if number else None)
    assert live.run("multi1").config["added"] is True
    assert live.values("multi2", "later") == [1]
    await_no_sidecar()


@at_length
def test_create_new_alone_leaves_module_level_names_without_a_run(
    tmp_path: Path, live: LiveServer
) -> None:
    run_well(
        tmp_path,
        """
        import weft

        run = weft.init(id="alone", reinit="create_new")
        assert weft.run is None
        try:
            weft.log({"a": 1})
        except weft.UsageError:
            pass
        else:
            raise AssertionError
        assert weft.attach("alone") is run is weft.run
        weft.log({"a": 2})
        """,
        live.environment,
    )
    assert live.values("alone", "a") == [2]


@at_length
def test_finish_previous_ends_all_active_runs(tmp_path: Path, live: LiveServer) -> None:
    run_well(
        tmp_path,
        """
        import weft

        runs = [weft.init(id=f"all{n}", reinit="create_new") for n in range(3)]
        last = weft.init(id="last")
        assert all(run.finished for run in runs) and weft.run is last
        """,
        live.environment,
    )
    for run_id in ("all0", "all1", "all2", "last"):
        assert live.ended(run_id).state == "finished"


def test_all_active_runs_end_with_the_script_as_it_did(tmp_path: Path, live: LiveServer) -> None:
    script = run_script(
        tmp_path,
        """
        import weft

        runs = [weft.init(id=f"failed{n}", reinit="create_new") for n in range(2)]
        runs[0].finish()
        third = weft.init(id="failed2", reinit="create_new")
        raise ValueError("on purpose")
        """,
        live.environment,
    )
    assert script.exit_code == 1
    assert live.ended("failed0").state == "finished"
    for run_id in ("failed1", "failed2"):
        stored = live.ended(run_id)
        assert (stored.state, stored.exit_code) == ("failed", 1)


@at_length
def test_blocks_may_lie_within_one_another(tmp_path: Path, live: LiveServer) -> None:
    run_well(
        tmp_path,
        """
        import weft

        with weft.init(id="outer") as outer:
            for n in range(2):
                with weft.init(id=f"inner{n}", reinit="create_new") as inner:
                    inner.log({"a": n})
                outer.log({"done": n})
        """,
        live.environment,
    )
    assert live.values("outer", "done") == [0, 1]
    assert [live.values(f"inner{n}", "a") for n in range(2)] == [[0], [1]]


def test_teardown_ends_all_runs_with_its_code(tmp_path: Path, live: LiveServer) -> None:
    run_well(
        tmp_path,
        """
        import weft

        weft.setup({"project": "tests"})
        runs = [weft.init(id=f"torn{n}", reinit="create_new") for n in range(2)]
        weft.teardown(exit_code=3)
        assert all(run.finished for run in runs)
        weft.init(id="after")
        """,
        live.environment,
    )
    for number in range(2):
        stored = live.ended(f"torn{number}")
        assert (stored.state, stored.exit_code) == ("failed", 3)
    assert live.ended("after").state == "finished"
