"""The settings file of a server: what it may have, and what is said of what it may not."""

from __future__ import annotations

import ipaddress
from pathlib import Path

import pytest

from weft.errors import ConfigError
from weft.server.settings import GroupRole, ServerSettings, Setting, settings_of
from weft.server.settings.toml_file import read_settings_file

_PROVIDER = '[oidc.lab]\nissuer = "https://id.example.org"\nclient_id = "weft"\n'


def _read(folder: Path, text: str) -> ServerSettings:
    path = folder / "weft.toml"
    path.write_text(text)
    return ServerSettings(**{"data": folder, **read_settings_file(path)})


def test_values_of_each_kind_and_paths_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "client.secret").write_text("s3cret\n")
    settings = _read(
        tmp_path,
        'port = 0\naccess_log = true\nslow_secs = 2\nupload_quota = "500GB"\n'
        'trusted_proxies = ["10.0.0.0/8", "::1"]\nsign_in_header = "X-User"\n'
        'tls_certificate = "tls/cert.pem"\n'
        '[smtp]\nhost = "mail"\nsender = "weft@example.org"\npassword = "p"\n'
        + _PROVIDER
        + 'client_secret_file = "client.secret"\n'
        '[oidc.lab.groups]\nvision = ["vision:member", "audio:viewer"]\n',
    )
    assert (settings.port, settings.access_log, settings.slow_secs) == (0, True, 2.0)
    assert settings.upload_quota_bytes == 500_000_000_000
    assert settings.trusted_proxies[0] == ipaddress.ip_network("10.0.0.0/8")
    assert settings.tls_certificate == tmp_path / "tls/cert.pem"
    assert settings.smtp is not None
    assert (settings.smtp.port, settings.smtp.security) == (587, "starttls")
    (provider,) = settings.oidc
    assert (provider.name, provider.client_secret, provider.sign_up) == ("lab", "s3cret", False)
    assert provider.groups[1] == GroupRole("vision", "audio", "viewer")
    assert "s3cret" not in repr(settings)
    assert "'p'" not in repr(settings)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("prot = 1", r"weft.toml, line 1: unknown setting 'prot': did you mean 'port'\?"),
        ("\n\nqqqq = 1", r"line 3: unknown setting 'qqqq'; known here: data, host, port"),
        ("public-url = 1", r"unknown setting 'public-url': did you mean 'public_url'\?"),
        ('port = "8080"', r'line 1: port must be an integer from 0 to 65535, not "8080"'),
        ("port = true", "port must be an integer from 0 to 65535, not true"),
        ("port = 70000", "port must be an integer from 0 to 65535, not 70000"),
        ("access_log = 1", "access_log must be true or false, not 1"),
        ('disk_reserve = "lots"', "disk_reserve must be a size, such as 500MB or 5GB"),
        ("upload_quota = -1", "upload_quota must be a size"),
        ("slow_secs = nan", "slow_secs must be a number of at least 0"),
        ('public_url = "weft.example.org"', "must be an address that begins with http:// or"),
        ('trusted_proxies = "10.0.0.1"', r'must be a list of addresses .* \["10.0.0.0/8"\]'),
        ('trusted_proxies = ["10.0.0.1/8"]', "trusted_proxies must be a list"),
        ("trusted_proxies = [1]", "trusted_proxies must be a list"),
        ('sign_in_header = "X-User"', "sign_in_header needs trusted_proxies"),
        ('tls_key = "key.pem"', "tls_key needs tls_certificate"),
        ("port = ", "not valid TOML: invalid value"),
        ("port = 1\nport = 2", "not valid TOML: cannot overwrite a value"),
        ("smtp = 1", r"line 1: smtp must be a table: begin it with \[smtp\]"),
        ('[smtp]\nhost = "a"', "line 1: smtp lacks sender"),
        ('[smtp]\nhost = "a"\nsecurity = "ssl"', '"starttls", "tls" or "none", not "ssl"'),
        ("[smtp]\nhost = 1", "line 2: smtp.host must be text, not 1"),
        ("[smtp]\npassword = 12345", "smtp.password must be text, not a value of another type"),
        ('[smtp]\npassword_file = "gone"', "smtp.password_file can't be read: No such file"),
        ('[smtp]\npassword = "a"\npassword_file = "b"', "set only one of password and password_"),
        ("[smtp]\nhost_file = 1", "unknown setting 'host_file'"),
        ("[oidc]\nissuer = 1", r"line 2: oidc has tables: begin each with \[oidc.NAME\]"),
        ("[oidc.LAB]\n", "line 1: 'LAB' must be lower-case letters"),
        (_PROVIDER + "clientid = 1", "line 4: unknown setting 'clientid': did you mean 'client_"),
        (
            _PROVIDER + '[oidc.lab.groups]\nx = "vision:owner"',
            "oidc.lab.groups must be a table of",
        ),
        (_PROVIDER + '[oidc.lab.groups]\nx = "member"', "oidc.lab.groups must be a table of"),
        ("[smtpp]\n", "line 1: unknown setting 'smtpp': did you mean 'smtp'"),
    ],
)
def test_faults_name_line_key_and_remedy(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as fault:
        _read(tmp_path, text)
    assert "12345" not in str(fault.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="can't be read: no such file"):
        read_settings_file(tmp_path / "weft.toml")
    (tmp_path / "weft.toml").write_bytes(b'host = "\xff"')
    with pytest.raises(ConfigError, match="not UTF-8"):
        read_settings_file(tmp_path / "weft.toml")


def test_each_setting_takes_its_default_from_text_and_rejects_another_type() -> None:
    for entry in settings_of(ServerSettings).values():
        if isinstance(entry.content, Setting):
            with pytest.raises(ValueError):
                entry.content.kind.from_toml({})
            if isinstance(entry.default, (str, int, float)):
                text = str(entry.default).lower()
                assert entry.content.kind.from_text(text) == entry.default
