"""Keys by server in the user's netrc file, next to its other entries."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from weft.errors import ConfigError
from weft.sync.addresses.netrc_file import (
    netrc_path,
    remove_key,
    save_key,
    saved_key,
    without_host,
)

URL = "https://weft.example.org:8443/lab"
ENTRY = "machine weft.example.org:8443\n  login user\n  password {}\n"


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "netrc"
    monkeypatch.setenv("NETRC", str(path))
    return path


def write(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o600)


def test_a_key_that_is_saved_is_found(path: Path) -> None:
    assert saved_key(URL) is None
    assert save_key(URL, "k1") == path
    assert saved_key(URL) == "k1"
    assert saved_key("http://other.example.org:8443") is None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_each_server_of_a_host_has_a_key_of_its_own(path: Path) -> None:
    other = "https://weft.example.org:9000"
    host = "https://weft.example.org"
    save_key(URL, "k1")
    assert saved_key(other) is None
    assert saved_key(host) is None
    save_key(other, "k2")
    save_key(host, "k3")
    assert (saved_key(URL), saved_key(other), saved_key(host)) == ("k1", "k2", "k3")
    assert remove_key(URL) == path
    assert saved_key(other) == "k2"
    assert saved_key(URL) == "k3", "an entry without a port is for all servers of the host"
    assert remove_key(URL) == path
    assert remove_key(URL) is None


def test_a_further_key_takes_the_place_of_the_first(path: Path) -> None:
    save_key(URL, "k1")
    save_key(URL, "k2")
    assert path.read_text() == ENTRY.format("k2")


def test_what_others_wrote_stays(path: Path) -> None:
    others = (
        "# mine\nmachine a.org login me password s\n"
        "machine weft.example.organic login x password y"
    )
    write(path, others)
    save_key(URL, "k")
    assert path.read_text() == f"{others}\n{ENTRY.format('k')}"
    save_key(URL, "k")
    assert path.read_text() == f"{others}\n{ENTRY.format('k')}"


@pytest.mark.parametrize(
    "text",
    [
        "machine h login u password p\n",
        "machine h\n  login u\n  password p\n",
        "\tmachine h\tlogin u account a password p",
    ],
)
def test_an_entry_is_taken_out_however_it_is_written(text: str) -> None:
    assert without_host(f"machine a login u password p\n{text}", "h") == (
        "machine a login u password p\n"
    )


def test_a_link_to_the_file_stays_a_link(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    target.write_text("")
    path.symlink_to(target)
    save_key(URL, "k")
    assert path.is_symlink()
    assert target.read_text() == ENTRY.format("k")


def test_a_file_that_can_not_be_read_has_no_keys_and_is_not_overwritten(path: Path) -> None:
    path.write_bytes(b"machine \xff\n")
    assert saved_key(URL) is None
    with pytest.raises(ConfigError, match="can't be read"):
        save_key(URL, "k")
    assert path.read_bytes() == b"machine \xff\n"


def test_nonsense_has_no_keys(path: Path) -> None:
    write(path, "mashine x")
    assert saved_key(URL) is None
    assert saved_key("no address") is None


@pytest.mark.parametrize("other", ["machine github.com\n  login x\n  port 22\n", "foo bar\n"])
def test_a_key_is_found_beside_what_python_does_not_know(path: Path, other: str) -> None:
    write(path, other)
    save_key(URL, "my-key")
    assert saved_key(URL) == "my-key"
    assert path.read_text().startswith(other)
    remove_key(URL)
    assert saved_key(URL) is None


def test_where_the_file_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert netrc_path({}) == tmp_path / ".netrc"
    (tmp_path / "_netrc").write_text("")
    assert netrc_path({}) == tmp_path / "_netrc"
    assert netrc_path({"NETRC": "~/keys"}) == tmp_path / "keys"


def test_a_folder_that_can_not_be_written_is_named(path: Path) -> None:
    environment = {"NETRC": str(path.parent / "missing" / "netrc")}
    with pytest.raises(ConfigError, match="can't be written"):
        save_key(URL, "k", environment)
