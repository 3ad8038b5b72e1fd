"""Saved files that change, are replaced or are links, from a script to a real server."""

from __future__ import annotations

from pathlib import Path

import pytest

import weft
from at_length import at_length, case_at_length
from live_runs import PROJECT, LiveServer
from sdk_script import run_well

pytestmark = pytest.mark.timeout(300)


def contents_of(live: LiveServer, run_id: str) -> dict[str, bytes]:
    """Contents of a run's files on the server, by path."""
    run = weft.Api(live.url, api_key=live.process.token).run(f"local/{PROJECT}/{run_id}")
    return {file.name: file.read() for file in run.files()}


@pytest.mark.parametrize("policy", ["live", case_at_length("end")])
def test_a_file_that_is_written_all_the_time_is_stored_as_it_is_at_the_end(
    live: LiveServer, tmp_path: Path, policy: str
) -> None:
    script = run_well(
        tmp_path,
        f"""
        import os, weft
        run = weft.init(id="busy-{policy}")
        for name in ("appended", "replaced", "shorter"):
            open(name, "wb").write(b"begin")
            run.save(name, policy="{policy}")
        for number in range(300):
            with open("appended", "ab") as file:
                file.write(os.urandom(2000))
            open("draft", "wb").write(os.urandom(3000 + number))
            os.replace("draft", "replaced")  # another file in its place
            open("shorter", "wb").write(os.urandom(600 - number))
            run.log({{"step": number}})
        run.finish()
        """,
        live.environment,
    )
    assert "lost" not in script.stderr
    stored = contents_of(live, f"busy-{policy}")
    for name in ("appended", "replaced", "shorter"):
        assert stored[name] == (tmp_path / name).read_bytes(), name


def test_the_content_at_the_time_of_the_call_is_kept_with_now(
    live: LiveServer, tmp_path: Path
) -> None:
    run_well(
        tmp_path,
        """
        import os, weft
        run = weft.init(id="now")
        for name in ("overwritten", "replaced", "removed"):
            open(name, "w").write("first")
            run.save(name, policy="now")
        open("overwritten", "w").write("second")
        open("draft", "w").write("second")
        os.replace("draft", "replaced")
        os.remove("removed")
        run.finish()
        """,
        live.environment,
    )
    stored = contents_of(live, "now")
    assert {stored[name] for name in ("overwritten", "replaced", "removed")} == {b"first"}


@at_length
def test_links_are_saved_as_the_files_that_they_lead_to(live: LiveServer, tmp_path: Path) -> None:
    script = run_well(
        tmp_path,
        """
        import os, weft
        from pathlib import Path
        Path("steps").mkdir()
        Path("steps/1.pt").write_text("one")
        Path("steps/2.pt").write_text("two")
        os.symlink("steps/1.pt", "latest.pt")
        os.symlink("steps", "folder")
        os.symlink("nowhere", "dangling.pt")
        os.symlink("loop-b", "loop-a"); os.symlink("loop-a", "loop-b")
        Path("tree").mkdir(); Path("tree/x").write_text("x"); os.symlink("..", "tree/parent")
        os.link("steps/1.pt", "hard.pt")
        run = weft.init(id="links")
        run.save("latest.pt", policy="live")
        run.save("hard.pt")
        run.save("folder/*.pt")
        run.save("tree")
        for broken in ("dangling.pt", "loop-a"):
            print(broken, run.save(broken))
        os.remove("latest.pt"); os.symlink("steps/2.pt", "latest.pt")
        run.log({"loss": 1})
        run.finish()
        """,
        live.environment,
    )
    stored = contents_of(live, "links")
    assert script.stdout.splitlines() == ["dangling.pt []", "loop-a []"]
    for broken in ("dangling.pt", "loop-a"):
        assert broken in script.stderr, "a warning names it"
    assert stored["latest.pt"] == b"two"
    assert stored["hard.pt"] == b"one"
    assert {stored["folder/1.pt"], stored["folder/2.pt"]} == {b"one", b"two"}
    assert stored["tree/x"] == b"x"
    assert not any(name.startswith("tree/parent") for name in stored)


@at_length
def test_a_file_that_becomes_a_folder_or_unreadable_is_named(
    live: LiveServer, tmp_path: Path
) -> None:
    script = run_well(
        tmp_path,
        """
        import os, weft
        from pathlib import Path
        run = weft.init(id="gone")
        for name in ("folder", "fifo", "kept"):
            Path(name).write_text("first")
            run.save(name, policy="live")
        for name in ("folder", "fifo"):
            os.remove(name)
        os.mkdir("folder"); Path("folder/inside").write_text("x")
        os.mkfifo("fifo")
        run.finish()
        """,
        live.environment,
    )
    stored = contents_of(live, "gone")
    # the hard link in the run's directory still has the first content
    assert (stored["folder"], stored["fifo"], stored["kept"]) == (b"first",) * 3, script.stderr
