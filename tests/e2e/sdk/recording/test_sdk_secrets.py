"""No secret of what a script logs reaches the disk, and no file of a run is for other users."""

from __future__ import annotations

import json
from pathlib import Path

from at_length import at_length
from live_runs import await_no_sidecar
from sdk_script import DESCRIBED, latest_run, logs_in, records_of, run_script
from weft.records.record import Alert, Row, Summary
from weft.records.record import Run as RunRecord

BODY = "q3vXw81LmZ0pT7aB9cD4eF6gH2jK5nM8rS1tU0vW"
KEY = "gsk_" + BODY


def test_no_secret_in_texts_of_a_run_is_stored(tmp_path: Path) -> None:
    script = run_script(
        tmp_path,
        f"""
        import os
        import numpy as np
        import weft

        KEY = "{KEY}"
        run = weft.init(
            mode="offline", name=f"try {{KEY}}", notes=f"uses {{KEY}}", tags=["a", KEY],
            group=f"g {{KEY}}", job_type=f"j {{KEY}}",
        )
        assert run.name == f"try {{KEY}}" and run.notes == f"uses {{KEY}}" and KEY in run.tags
        run.notes = f"now {{KEY}}"
        run.tags += ("b",)
        for step in range(3):
            run.log({{"text": f"failed with {{KEY}}", "loss": 0.5, "password": "hunter2!"}})
        run.log({{"nested": {{"list": [1, f"401 {{KEY}}"], "dict": [{{"why": KEY}}]}}}})
        run.log({{"token": "the", "key": "layers.0.weight", "picture": weft.Image(
            np.zeros((2, 2)), caption=f"by {{KEY}}")}})
        run.log({{"pictures": [weft.Image(np.zeros((2, 2)), caption=KEY)] * 2}})
        run.summary["error"] = f"no access: {{KEY}}"
        run.summary["api"] = {{"password": "hunter2!", "url": f"https://u:{BODY}@h/"}}
        assert run.summary["error"] == f"no access: {{KEY}}"
        run.alert(f"title {{KEY}}", f"text {{KEY}}")
        artifact = weft.Artifact(
            "data", "dataset", description=f"made with {{KEY}}",
            metadata={{"source": {{"api_key": "hunter2!", "note": [KEY]}}, "rows": 3}},
        )
        with artifact.new_file("a.txt") as file:
            file.write("content")
        run.log_artifact(artifact, tags=["gsk_" + "{BODY}"])
        assert artifact.metadata["source"]["api_key"] == "hunter2!"
        run.finish()
        """,
    )
    assert script.exit_code == 0, script.stderr
    await_no_sidecar()
    directory = latest_run(tmp_path)
    assert list((directory / "files/artifacts").rglob("*.json")) or list(
        (directory / "files").rglob("*manifest*")
    )
    for path in directory.rglob("*"):
        assert BODY not in path.name
        if path.is_file():
            content = path.read_bytes()
            assert BODY.encode() not in content, path
            assert b"hunter2!" not in content, path
    [log] = logs_in(tmp_path)[:1]
    runs = records_of(log, RunRecord)
    assert runs[0].name == "try ***"
    assert runs[0].tags == ["a", "***"]
    assert [run.notes for run in runs] == ["uses ***", "now ***", "now ***"]
    assert runs[-1].tags == ["a", "***", "b"]
    values = [value for row in records_of(log, Row) for value in row.values]
    assert values.count("failed with ***") == 3
    assert {"the", "layers.0.weight"} <= {value for value in values if isinstance(value, str)}
    assert [1, "401 ***"] in values
    [picture] = [value for value in values if isinstance(value, dict) and "caption" in value]
    assert picture["caption"] == "by ***"
    assert (directory / "files" / picture["path"]).is_file()
    assert [alert.text for alert in records_of(log, Alert)] == ["text ***"]
    summaries = [pair for record in records_of(log, Summary) for pair in record.values]
    assert (["error"], "no access: ***") in summaries
    summary = json.loads((directory / "files/summary.json").read_text())
    assert summary["error"] == "no access: ***"
    assert summary["api"] == {"password": "***", "url": "https://u:***@h/"}
    metadata = json.loads((directory / "files/metadata.json").read_text())
    # name, tags, group, job type, notes twice; rows, captions, summary, alert, artifact
    assert metadata["redacted"]["groq"] >= 6 + 3 + 2 + 3 + 1 + 2 + 3
    assert metadata["redacted"]["named"] == 3 + 1 + 1


@at_length
def test_redaction_can_be_switched_off(tmp_path: Path) -> None:
    script = run_script(
        tmp_path,
        f"""
        import weft

        with weft.init(mode="offline", notes="{KEY}", settings=weft.Settings(redact=False)) as run:
            run.log({{"text": "{KEY}"}})
            run.log({{"texts": ["{KEY}"]}})
        """,
    )
    assert script.exit_code == 0, script.stderr
    [log] = logs_in(tmp_path)[:1]
    assert records_of(log, RunRecord)[0].notes == KEY
    assert [row.values for row in records_of(log, Row)] == [[KEY], [[KEY]]]


def test_files_of_a_run_are_for_its_user_alone(tmp_path: Path) -> None:
    """Whatever the umask, except what is the user's own: linked files, and what scripts write."""
    script = run_script(
        tmp_path,
        """
        import os
        from pathlib import Path

        os.umask(0)
        import numpy as np
        import weft

        Path("linked.txt").write_text("linked")
        Path("staged.txt").write_text("staged")
        Path("large.png").write_bytes(os.urandom(2 << 20))
        with weft.init(mode="offline", config={"a": 1}, save_code=True) as run:
            print("output")
            run.log({"image": weft.Image(np.zeros((4, 4)))})
            run.log({"large": weft.Html(Path("linked.txt").open())})
            run.save("linked.txt")
            run.save("staged.txt", policy="now")
            Path(run.dir, "own.txt").write_text("own")
            artifact = weft.Artifact("data", "dataset")
            artifact.add_file("staged.txt", name="a/b/staged.txt")
            artifact.add_file("linked.txt", policy="immutable")
            with artifact.new_file("new.txt") as file:
                file.write("new")
            run.log_artifact(artifact)
            gathered = Path(run.dir, "requirements.txt")
            import time
            until = time.monotonic() + 60
            while not gathered.is_file():
                assert time.monotonic() < until
                run.log({"loss": 1})
                time.sleep(0.05)
        assert Path("staged.txt").stat().st_mode & 0o777 == 0o666
        """,
        {**DESCRIBED, "WEFT_SYSTEM_INTERVAL": "60", "WEFT_CONSOLE": "wrap"},
    )
    assert script.exit_code == 0, script.stderr
    await_no_sidecar()
    directory = latest_run(tmp_path).resolve()
    own = {"files/own.txt", "files/linked.txt"}
    n_files = 0
    for path in [directory, *directory.rglob("*")]:
        mode = path.stat().st_mode & 0o777
        name = path.relative_to(directory).as_posix()
        if path.is_dir():
            assert mode == 0o700, name
        elif name not in own and path.name != "linked.txt":
            n_files += 1
            assert mode == 0o600, name
    names = {
        path.relative_to(directory / "files").as_posix()
        for path in directory.rglob("*")
        if path.is_relative_to(directory / "files")
    }
    assert {"config.yaml", "summary.json", "metadata.json", "output.log", "staged.txt"} <= names
    assert n_files >= 12
    assert (directory.parent.stat().st_mode & 0o777) == 0o777, "users may share the folder of runs"
