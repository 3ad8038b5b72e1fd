"""`weft server doctor`: a line with a remedy for each fault of settings, certificate and proxy."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest
import trustme

from at_length import at_length
from caddy import caddy
from clickhouse_server import ClickHouseServer
from free_port import free_port
from postgres_cluster import PostgresCluster
from s3_server import S3Server
from server_process import start_server
from weft_command import run_weft


def _findings(data: Path, *arguments: str, env: dict[str, str] | None = None) -> dict[str, str]:
    done = run_weft("server", "doctor", "--json", "--data", str(data), *arguments, env=env)
    findings = {finding["what"]: finding["remedy"] for finding in json.loads(done.stdout)}
    assert done.exit_code == (1 if any(findings.values()) else 0), done.stderr
    # The room on the disk is this machine's, which may be short of it.
    return {text: remedy for text, remedy in findings.items() if "are free at" not in text}


def _remedy(findings: dict[str, str], words: str) -> str:
    (remedy,) = [remedy for text, remedy in findings.items() if words in text]
    return remedy


def _write(data: Path, text: str, mode: int = 0o600) -> None:
    data.mkdir(exist_ok=True)
    (data / "weft.toml").write_text(text)
    (data / "weft.toml").chmod(mode)


def test_a_server_for_oneself_needs_no_remedy(tmp_path: Path) -> None:
    findings = _findings(tmp_path / "data")
    assert set(findings.values()) == {""}
    assert any("no settings file" in text for text in findings)
    with start_server(tmp_path):
        assert set(_findings(tmp_path / "data").values()) == {""}


def test_stores_of_several_servers(
    tmp_path: Path, postgres_cluster: PostgresCluster, s3_server: S3Server
) -> None:
    bucket, data = s3_server.new_bucket(), tmp_path / "data"
    settings = {
        "WEFT_SERVER_METADATA_URL": postgres_cluster.new_database(),
        "WEFT_SERVER_FILES_URL": bucket.url,
    }
    findings = _findings(data, env={**settings, **bucket.environment})
    assert set(findings.values()) == {""}
    assert any("database answers, and is empty" in text for text in findings)
    assert any("has no files yet" in text for text in findings)
    with start_server(tmp_path, env={**settings, **bucket.environment}):
        findings = _findings(data, env={**settings, **bucket.environment})
    assert set(findings.values()) == {""}
    assert any("has the tables of this version" in text for text in findings)
    assert any("has files of a weft server" in text for text in findings)
    assert any("the server is ready" in text for text in findings)
    denied = s3_server.environment("no-key")
    assert "AWS_ACCESS_KEY_ID" in " ".join(_findings(data, env={**settings, **denied}))


@at_length
def test_clickhouse_and_settings_of_other_servers(
    tmp_path: Path,
    postgres_cluster: PostgresCluster,
    clickhouse_server: ClickHouseServer,
    s3_server: S3Server,
) -> None:
    bucket = s3_server.new_bucket()
    settings = {
        "WEFT_SERVER_METADATA_URL": postgres_cluster.new_metadata(),
        "WEFT_SERVER_METRICS_URL": clickhouse_server.new_database(),
        "WEFT_SERVER_FILES_URL": bucket.url,
    }
    env = {**settings, **bucket.environment}
    with start_server(tmp_path / "first", env={**env, "WEFT_SERVER_TRASH_DAYS": "7"}):
        findings = _findings(tmp_path / "second", env=env)
        remedy = _remedy(findings, "trash_days 7.0, here 30.0")
        assert remedy == "start all servers of the database with the same settings"
        assert _remedy(findings, "answers: version 18.16") == ""
        with start_server(tmp_path / "second", env=env) as second:
            assert "trash_days 7.0, here 30.0. Start all servers with the same" in second.stderr
        del env["WEFT_SERVER_METRICS_URL"]  # the database has it
        findings = _findings(tmp_path / "second", env=env)
        assert set(findings.values()) == {""}
        assert _remedy(findings, "answers: version 18.16") == ""
    hosts, _, name = settings["WEFT_SERVER_METRICS_URL"].rpartition("/")
    env["WEFT_SERVER_METRICS_URL"] = f"{hosts},127.0.0.1:{free_port()}/{name}"
    findings = _findings(tmp_path / "second", env=env)
    assert _remedy(findings, "names other nodes") == "start all servers with the same nodes"
    assert "start it" in _remedy(findings, "is not available")


@pytest.mark.parametrize(
    ("text", "words", "remedy"),
    [
        ("prot = 1", "unknown setting 'prot'", "the server does not start"),
        ('host = "0.0.0.0"', "served without HTTPS", "set trusted_proxies"),
        ('public_url = "https://a.example"', "no proxy is trusted", "set trusted_proxies"),
        ('trusted_proxies = ["0.0.0.0/0"]', "can choose their address", "proxies alone"),
        (
            'trusted_proxies = ["127.0.0.1"]\nsign_in_header = "X-User"',
            "every program on this machine can be any user",
            "put the proxy on another one",
        ),
        ('tls_certificate = "gone.pem"', "tls_certificate can't be read", "correct what"),
    ],
)
def test_faults_of_settings(tmp_path: Path, text: str, words: str, remedy: str) -> None:
    _write(tmp_path / "data", text)
    assert remedy in _remedy(_findings(tmp_path / "data"), words)


def test_a_settings_file_that_others_can_read(tmp_path: Path) -> None:
    _write(tmp_path / "data", "port = 0", 0o644)
    assert "chmod 600" in _remedy(_findings(tmp_path / "data"), "other users can read")


@pytest.mark.parametrize(
    ("days", "words"), [(-2, "ended on"), (5, "ends in"), (90, "is valid until")]
)
def test_the_end_of_a_certificate(tmp_path: Path, days: int, words: str) -> None:
    now = datetime.datetime.now(datetime.UTC)
    certificate = trustme.CA().issue_cert(
        "localhost",
        not_before=now - datetime.timedelta(days=10),
        not_after=now + datetime.timedelta(days=days),
    )
    _write(tmp_path / "data", 'tls_certificate = "both.pem"\npublic_url = "https://localhost"')
    certificate.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "data" / "both.pem"))
    remedy = _remedy(_findings(tmp_path / "data"), words)
    assert bool(remedy) == (days < 14)


@at_length
def test_a_public_address_that_leads_here_elsewhere_and_by_an_unknown_proxy(
    tmp_path: Path,
) -> None:
    port = free_port()
    url = f"https://localhost:{port}"
    data = tmp_path / "data"
    _write(data, f'public_url = "{url}"\ntrusted_proxies = ["127.0.0.1"]')
    (tmp_path / "other").mkdir()
    with start_server(tmp_path) as server, start_server(tmp_path / "other") as other:
        target, elsewhere = (int(process.url.rpartition(":")[2]) for process in (server, other))
        assert "check the proxy" in _remedy(_findings(data), "can't be reached from here")
        with caddy(tmp_path / "to-other", port, elsewhere) as proxy:
            env = {"SSL_CERT_FILE": str(proxy.authority)}
            assert "correct public_url" in _remedy(_findings(data, env=env), "another server")
        with caddy(tmp_path / "here", port, target) as proxy:
            env = {"SSL_CERT_FILE": str(proxy.authority)}
            assert _remedy(_findings(data, env=env), f"{url} leads to this server") == ""
    _write(data, f'public_url = "{url}"')
    with start_server(tmp_path) as server:
        target = int(server.url.rpartition(":")[2])
        with caddy(tmp_path / "unknown", port, target) as proxy:
            env = {"SSL_CERT_FILE": str(proxy.authority)}
            remedy = _remedy(_findings(data, env=env), "by a proxy that it does not believe")
            assert "trusted_proxies" in remedy
