"""Files of runs from a script to a real server: saved, logged, made, sent, lost and told."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

import httpx
import numpy as np
import psutil
import pytest

from at_length import at_length
from files_at_work import file_workers
from live_runs import PROJECT, LiveServer, await_no_sidecar, sidecars
from relay import Relay
from sdk_script import files_below, log_rows, logs_in, records_of, run_well, start_script
from server_process import wait_until
from weft.records.record import File, LostMedia
from weft.runlog.reader import read_header
from weft_command import run_weft

pytestmark = pytest.mark.timeout(300)

IMAGES = "from weft.sdk.media.image import Image\nimport numpy as np\n"


def files_of(live: LiveServer, run_id: str) -> dict[str, dict[str, object]]:
    answer = httpx.get(
        f"{live.url}/api/v1/projects/local/{PROJECT}/runs/{run_id}/files?limit=1000",
        headers={"Authorization": f"Bearer {live.process.token}"},
        trust_env=False,
    )
    if answer.status_code == 404:
        return {}
    return {file["path"]: file for file in answer.raise_for_status().json()["files"]}


def states_of(live: LiveServer, run_id: str) -> dict[str, str]:
    return {path: str(file["state"]) for path, file in files_of(live, run_id).items()}


def test_saved_files_arrive_byte_for_byte(live: LiveServer, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    contents = {
        "empty.txt": b"",
        "small.txt": b"small",
        "Ünïcode 数据 [1].bin": b"\x00\xff" * 50,
        "deep/er/model.pt": np.random.default_rng(0).bytes(5_000_000),
    }
    for path, content in contents.items():
        (outside / path).parent.mkdir(parents=True, exist_ok=True)
        (outside / path).write_bytes(content)
    (outside / "link.txt").symlink_to(outside / "small.txt")
    script = run_well(
        tmp_path,
        """
        import os, pathlib, weft
        run = weft.init(id="saved")
        saved = run.save("outside/*", base_path="outside")
        assert saved == sorted(saved) and all(os.path.isfile(path) for path in saved)
        found = [os.path.relpath(path, run.dir) for path in saved]
        assert found == sorted([
            "deep/er/model.pt", "empty.txt", "link.txt", "small.txt", "Ünïcode 数据 [1].bin"])
        os.remove("outside/empty.txt")
        os.remove("outside/deep/er/model.pt")
        pathlib.Path(run.dir, "written.txt").write_text("straight into run.dir")
        run.finish()
        """,
        live.environment,
    )
    assert "ERROR" not in script.stderr
    contents |= {"link.txt": b"small", "written.txt": b"straight into run.dir"}
    stored = files_of(live, "saved")
    script_files = {"config.yaml", "metadata.json", "summary.json"}
    assert set(stored) == set(contents) | script_files
    for path, content in contents.items():
        assert (stored[path]["state"], stored[path]["sha256"]) == (
            "stored",
            hashlib.sha256(content).hexdigest(),
        )
        live.run("saved").file(path).download(tmp_path / "back").close()
        assert (tmp_path / "back" / path).read_bytes() == content
    assert not list(tmp_path.glob("weft/*/spool/*"))


def test_what_save_takes_and_refuses(tmp_path: Path) -> None:
    """The cases of W&B's client 0.31, as observed; where weft takes more, it says so."""
    (tmp_path / "q" / "deep" / "dir").mkdir(parents=True)
    (tmp_path / "q" / "deep" / "dir" / "abs.txt").write_text("abs")
    work = tmp_path / "work"
    (work / "a" / "b").mkdir(parents=True)
    for name in ("a/b/x.txt", "br[1].txt", "top.txt"):
        (work / name).write_text(name)
    (work / "clash" / "top.txt").mkdir(parents=True)
    for name in ("clash/a", "clash/top.txt/x"):
        (work / name).write_text("of the name of a folder, or in a folder of the name of a file")
    (tmp_path / "up.txt").write_text("up")
    script = run_well(
        work,
        """
        import os, pytest, weft
        from weft.errors import UsageError
        run = weft.init()
        up = os.path.abspath("..")
        def saved(*args, **named):
            return [os.path.relpath(path, run.dir) for path in run.save(*args, **named)]
        assert saved("a/b/x.txt") == ["a/b/x.txt"]
        assert saved("a/b/x.txt", base_path="a/b") == ["x.txt"]
        assert saved(up + "/q/deep/dir/abs.txt") == ["dir/abs.txt"]
        assert saved(up + "/q/deep/dir/abs.txt", base_path=up + "/q") == ["deep/dir/abs.txt"]
        assert saved("../up.txt", base_path="..") == ["up.txt"]
        assert saved(b"top.txt") == ["top.txt"]
        assert saved("a") == ["a/b/x.txt"]  # of a folder, all files
        assert saved("nothing") == [] and saved("br[1].txt") == []
        assert saved("br[1].txt", glob=False) == ["br[1].txt"]
        assert saved("gs://bucket/x") == []
        for wrong in ("../up.txt", "*", "."):
            with pytest.raises(UsageError):
                run.save(wrong)
        assert saved("clash/top.txt/x", "clash") == saved("clash/a", "clash") == []
        with pytest.raises(ValueError, match="policy"):
            run.save("top.txt", policy="later")
        with pytest.raises(TypeError):
            run.save()
        with pytest.raises(TypeError):
            run.save(3)
        run.finish()
        with pytest.raises(UsageError, match="finished"):
            run.save("top.txt")
        """,
    )
    assert re.search(r"save\(\) left out \S+/clash/a: .*/files/a is a folder", script.stderr)
    assert re.search(r"left out \S+/x: .*/files/top\.txt is a file, not a folder", script.stderr)


def test_a_file_that_changes_is_sent_again(live: LiveServer, tmp_path: Path) -> None:
    script = start_script(
        tmp_path,
        """
        import sys, weft
        run = weft.init(id="changing")
        open("log.txt", "w").write("one")
        run.save("log.txt", policy="live")
        sys.stdin.readline()
        open("log.txt", "a").write(" two")
        run.finish()
        """,
        {**os.environ, **live.environment},
        stdin=-1,
    )
    wait_until(
        lambda: states_of(live, "changing").get("log.txt") == "stored", what="the first version"
    )
    script.communicate("go\n", timeout=120)
    assert files_of(live, "changing")["log.txt"]["n_bytes"] == len("one two")
    assert states_of(live, "changing")["log.txt"] == "stored"


@pytest.mark.parametrize("n_pauses", [0, 1], ids=["while it is hashed", "while it is sent"])
def test_a_large_file_that_changes_before_the_end_is_stored_as_it_is_then(
    live: LiveServer, tmp_path: Path, n_pauses: int
) -> None:
    script = run_well(
        tmp_path,
        f"""
        import glob, time, weft
        from pathlib import Path
        from weft.records.record import File
        from weft.runlog.reader import read_records
        run = weft.init(id="rewritten-{n_pauses}")
        Path("c.bin").write_bytes(b"{n_pauses}" * 60_000_000)
        run.save("c.bin")
        def is_recorded():
            return any(isinstance(record, File) and record.path == "c.bin"
                       for log in glob.glob("weft/run-*/*.weft") for record in read_records(log))
        while {n_pauses} and not is_recorded():
            time.sleep(0.01)
        with open("c.bin", "r+b") as file:
            file.write(b"changed")
        run.finish()
        """,
        live.environment,
    )
    assert "ERROR" not in script.stderr
    file = files_of(live, f"rewritten-{n_pauses}")["c.bin"]
    assert file["state"] == "stored"
    assert file["sha256"] == hashlib.sha256((tmp_path / "c.bin").read_bytes()).hexdigest()


@at_length
def test_media_of_forked_children_arrive(live: LiveServer, tmp_path: Path) -> None:
    run_well(
        tmp_path,
        IMAGES
        + """
import os, weft
run = weft.init(id="forked")
run.log({"img": Image(np.zeros((4, 4, 3), np.uint8))})
pid = os.fork()
if pid == 0:
    run.log({"child": Image(np.ones((4, 4, 3), np.uint8))})
    os._exit(0)
os.waitpid(pid, 0)
run.finish()
""",
        live.environment,
    )
    stored = states_of(live, "forked")
    media = [path for path in stored if path.startswith("media/")]
    assert len(media) == 2
    assert {stored[path] for path in media} == {"stored"}


@at_length
def test_a_large_file_goes_on_where_a_killed_server_had_it(tmp_path: Path) -> None:
    with LiveServer(tmp_path) as live:
        script = start_script(
            tmp_path,
            """
            import numpy as np, weft
            run = weft.init(id="large")
            open("large.bin", "wb").write(np.random.default_rng(0).bytes(300_000_000))
            run.save("large.bin")
            run.finish()
            """,
            {**os.environ, **live.environment},
        )

        def n_received() -> int:
            drafts = [path for path in files_below(live.folder / "data") if "draft" in str(path)]
            return max((path.stat().st_size for path in drafts), default=0)

        wait_until(lambda: n_received() > 1_000_000, what="the first pieces")
        live.process.kill()
        live.start_again()
        _, errors = script.communicate(timeout=200)
        assert script.returncode == 0, errors
        file = files_of(live, "large")["large.bin"]
        assert (file["state"], file["n_bytes"]) == ("stored", 300_000_000)
        expected = hashlib.sha256(np.random.default_rng(0).bytes(300_000_000)).hexdigest()
        assert file["sha256"] == expected


def test_what_can_not_be_made_or_read_is_told_at_the_end(live: LiveServer, tmp_path: Path) -> None:
    script = run_well(
        tmp_path,
        """
        import os, weft
        run = weft.init(id="failing")
        open("late.txt", "w").write("late")
        run.save("late.txt", policy="end")
        os.remove("late.txt")
        os.remove(os.path.join(run.dir, "late.txt"))
        run.finish()
        """,
        live.environment,
    )
    sentence = "late.txt can't be stored: it was deleted before it could be read"
    assert f"weft: ERROR {sentence}" in script.stderr
    file = files_of(live, "failing")["late.txt"]
    assert (file["state"], file["error"]) == ("failed", "it was deleted before it could be read")


@pytest.mark.parametrize("change", ["deleted", "changed"])
def test_sync_tells_files_that_are_no_longer_there(
    live: LiveServer, tmp_path: Path, change: str
) -> None:
    run_well(
        tmp_path,
        f"""
        import os, weft
        run = weft.init(id="copy-{change}")
        for name in ("kept", "lost"):
            open(name, "w").write(name)
            run.save(name, policy="now")
        run.finish()
        """,
        {"WEFT_PROJECT": PROJECT},
    )
    wait_until(lambda: not list(tmp_path.glob("weft/*/spool/*")), what="the records")
    await_no_sidecar()
    for copy in (tmp_path / "lost", next(tmp_path.glob("weft/run-*/files/lost"))):
        copy.unlink()
        if change == "changed":
            copy.write_text("LOST")
            os.utime(copy, (0, 0))
    sent = run_weft("sync", tmp_path / "weft", env=live.environment)
    assert sent.exit_code == 1
    assert f"lost is not sent: it was {change} before it was sent" in sent.stderr
    assert states_of(live, f"copy-{change}")["kept"] == "stored"
    assert states_of(live, f"copy-{change}")["lost"] == "awaited"


def test_files_of_a_killed_script_and_sidecar_are_sent_by_the_next_run(
    live: LiveServer, tmp_path: Path
) -> None:
    script = start_script(
        tmp_path,
        IMAGES
        + """
import os, signal, sys, time, weft
run = weft.init(id="orphaned")
run.log({"loss": 1})
print("begun", flush=True)
sys.stdin.readline()
run.log({"img": Image(np.zeros((4, 4, 3), np.uint8))})
open(os.path.join(run.dir, "own.txt"), "w").write("own")
os.kill(os.getpid(), signal.SIGKILL)
""",
        {**os.environ, **live.environment},
        stdin=-1,
    )
    assert script.stdout is not None
    script.stdout.readline()
    wait_until(lambda: live.has("orphaned"), what="the run")
    (sidecar,) = sidecars()
    sidecar.kill()
    script.communicate("go\n", timeout=60)
    assert list(tmp_path.glob("weft/*/spool/*"))
    run_well(
        tmp_path,
        """
        import time, weft
        run = weft.init(id="next")
        orphaned = weft.Api().run("local/tests/orphaned")
        deadline = time.monotonic() + 60
        while len(list(orphaned.files())) <= 3 and time.monotonic() < deadline:
            time.sleep(0.1)
        run.finish()
        """,
        live.environment,
    )
    await_no_sidecar()
    stored = states_of(live, "orphaned")
    assert stored["own.txt"] == "stored"
    assert [state for path, state in stored.items() if path.startswith("media/")] == ["stored"]


def test_the_worker_is_started_only_for_files_and_ends_with_the_run(
    live: LiveServer, tmp_path: Path
) -> None:
    script = start_script(
        tmp_path,
        IMAGES
        + """
import sys, weft
run = weft.init(id="worker")
run.log({"loss": 1})
print("rows", flush=True)
sys.stdin.readline()
run.log({"img": Image(np.zeros((4, 4, 3), np.uint8))})
print("image", flush=True)
sys.stdin.readline()
run.finish()
""",
        {**os.environ, **live.environment},
        is_forked=False,  # nor is its worker then, which is its sidecar's child
        stdin=-1,
    )
    assert script.stdout is not None
    assert script.stdin is not None
    script.stdout.readline()
    wait_until(lambda: len(sidecars()) == 1, what="the sidecar")
    assert workers() == []
    script.stdin.write("go\n")
    script.stdin.flush()
    script.stdout.readline()
    wait_until(lambda: len(workers()) == 1, what="the worker")
    script.communicate("go\n", timeout=120)
    wait_until(lambda: workers() == [], what="the worker's end")


def workers() -> list[psutil.Process]:
    return [worker for sidecar in sidecars() for worker in file_workers(sidecar)]


@at_length
def test_content_that_the_project_has_is_not_sent_again(tmp_path: Path) -> None:
    with LiveServer(tmp_path) as live:
        content = np.random.default_rng(1).bytes(3_000_000)
        (tmp_path / "model.pt").write_bytes(content)
        relay = Relay(live.url)
        code = """
            import weft
            run = weft.init(id="{run_id}")
            run.save("model.pt")
            run.finish()
            """
        n_bytes: list[int] = []
        for run_id in ("first", "second"):
            run_well(
                tmp_path,
                code.format(run_id=run_id),
                live.environment | {"WEFT_BASE_URL": relay.url},
            )
            assert states_of(live, run_id)["model.pt"] == "stored"
            n_bytes.append(relay.n_bytes)
        assert n_bytes[0] > len(content) > n_bytes[1] - n_bytes[0]
        relay.refuse()


def test_a_server_that_is_away_costs_no_file(tmp_path: Path) -> None:
    with LiveServer(tmp_path) as live:
        relay = Relay(live.url)
        relay.refuse()
        script = run_well(
            tmp_path,
            IMAGES
            + """
import weft
run = weft.init(id="away")
run.log({"img": [Image(np.zeros((4, 4, 3), np.uint8)) for _ in range(3)]})
run.finish()
""",
            live.environment | {"WEFT_BASE_URL": relay.url},
        )
        assert "weft sync" in script.stderr
        await_no_sidecar()
        assert run_weft("sync", tmp_path / "weft", env=live.environment).exit_code == 0
        media = [s for path, s in states_of(live, "away").items() if path.startswith("media/")]
        assert media == ["stored"] * 3


def test_files_of_an_offline_run_are_made_and_recorded_there(tmp_path: Path) -> None:
    run_well(
        tmp_path,
        IMAGES
        + """
import weft
run = weft.init(id="offline")
run.log({"img": Image(np.zeros((4, 4, 3), np.uint8))})
run.finish()
""",
    )
    wait_until(lambda: not list(tmp_path.glob("weft/*/spool/*")), what="the image")
    await_no_sidecar()
    main, own = logs_in(tmp_path)
    [record] = records_of(own, File)
    file = main.parent / "files" / record.path
    assert hashlib.sha256(file.read_bytes()).hexdigest() == record.sha256
    header = read_header(own)
    assert header is not None
    assert header.mode == "offline"


def test_a_full_disk_costs_the_images_and_nothing_else(tmp_path: Path, live: LiveServer) -> None:
    script = run_well(
        tmp_path,
        IMAGES
        + """
import errno, os, weft
from weft.runlog import spool
run = weft.init(id="full")
def no_space(fd, buffers):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
spool._write_all = no_space
for step in range(3):
    image = Image(np.zeros((4, 4, 3), np.uint8))
    run.log({"img": [image, Image(np.ones((4, 4, 3), np.uint8))], "loss": step})
run.finish()
""",
        {"WEFT_PROJECT": PROJECT},
    )
    assert script.stderr.count("can't be stored: no space left on device") == 1
    assert " and 1 other can't be stored" in script.stderr
    assert re.search(
        r"ERROR 6 media files were lost: (media/images/img_\S+, ){4}\S+ and 1 more\n",
        script.stderr,
    )
    log, *_ = logs_in(tmp_path)

    rows = log_rows(log)
    assert [row["loss"] for row in rows] == [0, 1, 2]
    assert {row["img"]["error"] for row in rows} == {"no space left on device"}
    assert list((log.parent / "spool").iterdir()) == []
    # and whoever reads the run on the server learns it
    losses = records_of(log, LostMedia)
    assert sum(loss.n_files for loss in losses) == 6
    sent = run_weft("sync", tmp_path / "weft", "--base-url", live.url)
    assert sent.exit_code == 0, sent.stderr
    (warning,) = live.run("full").warnings
    named = ", ".join([path for loss in losses for path in loss.paths][:3])
    assert warning == (
        f"6 media files were lost: {named} and 3 more; the client's disk took no more"
    )


def test_restore_fetches_files_of_this_run_and_of_others(live: LiveServer, tmp_path: Path) -> None:
    run_well(
        tmp_path,
        """
        import weft
        run = weft.init(id="giver")
        open("model.txt", "w").write("weights é")
        run.save("model.txt")
        run.finish()
        """,
        live.environment,
    )
    (tmp_path / "model.txt").unlink()
    run_well(
        tmp_path,
        """
        import os, pytest, weft
        from weft.errors import NoSuchFile, UsageError
        with pytest.raises(ValueError, match="run_path"):
            weft.restore("model.txt")
        with weft.restore("./model.txt", run_path="tests/giver") as file:
            assert (file.read(), file.name) == ("weights é", "model.txt")
        open("model.txt", "w").write("mine")
        assert weft.restore("model.txt", run_path="tests/no-such-run").read() == "mine"
        assert weft.restore("model.txt", "local/tests/giver", replace=True).read() == "weights é"
        run = weft.init(id="taker")
        with run.restore("model.txt", "local/tests/giver") as file:
            assert os.path.dirname(file.name) == run.dir
        with pytest.raises(ValueError, match="no file 'other.txt'"):
            run.restore("other.txt")
        with pytest.raises(NoSuchFile):
            weft.restore("other.txt", "local/tests/giver")
        with pytest.raises(UsageError):
            run.restore("../up")
        run.finish()
        with weft.init(mode="disabled") as off:
            assert off.restore("nothing.txt") is None
        """,
        live.environment | {"PYTHONWARNINGS": "ignore::ResourceWarning"},
    )
    assert states_of(live, "taker")["model.txt"] == "stored"


def test_code_is_kept_without_environments_and_run_directories(
    live: LiveServer, tmp_path: Path
) -> None:
    for path in (
        "a.py", "pkg/b.py", "pkg/weft/c.py", "weft/d.py", ".git/e.py", "requirements.txt",
        "pkg/requirements.txt", "Dockerfile.gpu", "x.ipynb", "y.yaml", "venv/lib/f.py",
        "venv/pyvenv.cfg", "node_modules/g.py",
    ):  # fmt: skip
        (tmp_path / "code" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "code" / path).write_text(path)
    script = run_well(
        tmp_path,
        """
        import os, pytest, weft
        run = weft.init(id="code")
        kept = [os.path.relpath(path, run.dir) for path in run.log_code("code")]
        assert kept == ["code/Dockerfile.gpu", "code/a.py", "code/pkg/b.py",
                        "code/pkg/requirements.txt", "code/requirements.txt"], kept
        assert len(run.log_code("code", include_fn=lambda path: path.endswith(".yaml"))) == 1
        under = run.log_code(
            "code",
            include_fn=lambda path, root: path.startswith(root + "/pkg/b"),
            exclude_fn=lambda path: False,
        )
        assert len(under) == 1
        with pytest.raises(ValueError, match="include_fn"):
            run.log_code("code", include_fn="*.py")
        assert run.log_code("nowhere") == []
        run.finish()
        """,
        live.environment,
    )
    assert "log_code() found no source files in" in script.stderr
    assert states_of(live, "code")["code/pkg/b.py"] == "stored"
