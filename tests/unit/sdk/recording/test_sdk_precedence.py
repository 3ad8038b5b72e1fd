"""Who is heard when several say what a setting is: tried for every setting there is."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from weft.errors import ConfigError
from weft.sdk.setup.precedence import FINISH_TIMEOUT_ALONE_SECS, process_settings, read_settings
from weft.sdk.setup.settings import SETTINGS, Settings, values_of_settings
from weft.sync.sampling.settings import SamplingSettings

LAYERS = (
    "argument", "settings=", "setup", "WEFT_", "WANDB_", "local file", "user file",
    "wandb file", "wandb user file", "default",
)  # fmt: skip

VALUES: dict[str, tuple[str, str]] = {
    "project": ("a", "b"), "entity": ("a", "b"), "run_id": ("a", "b"), "name": ("a", "b"),
    "notes": ("a", "b"), "tags": ("a,b", "c"), "group": ("a", "b"), "job_type": ("a", "b"),
    "sweep_id": ("a", "b"), "label": ("a", "b"), "host": ("a", "b"), "username": ("a", "b"),
    "email": ("a@b", "c@d"), "mode": ("offline", "disabled"), "dir": ("one", "two"),
    "resume": ("allow", "must"), "resume_from": ("a?_step=1", "b"),
    "fork_from": ("a?_step=1", "b"), "reinit": ("create_new", "return_previous"),
    "config_paths": ("a.yaml,b.yaml", "c.yaml"), "base_url": ("http://a", "http://b"),
    "api_key": ("a", "b"), "identity_token_file": ("a", "b"), "console": ("off", "redirect"),
    "ignore_globs": ("*.a,*.b", "*.c"), "notebook_name": ("a.ipynb", "b.ipynb"),
    "docker": ("a", "b"), "config_dir": ("a", "b"), "data_dir": ("a", "b"),
    "cache_dir": ("a", "b"), "artifact_dir": ("a", "b"),
    "disk_paths": ("/a,/b", '["/c"]'), "gpu_ids": ("0,2", "[1]"),
    "args": ('["--lr"]', '["--lr=2"]'),
    "open_metrics_endpoints": ('{"a": "http://a"}', '{"b": "https://b:1/m"}'),
    "open_metrics_filters": ('{"a.x": {"gpu": "0"}}', '["b.*"]'),
    "open_metrics_headers": ('{"X-A": "1"}', '{"X-B": "2"}'),
}  # fmt: skip


def values_of(name: str) -> tuple[str, str]:
    """Two texts that mean two values, of which at least the first is not the default."""
    if name in VALUES:
        return VALUES[name]
    default = SETTINGS[name].default
    if isinstance(default, bool) or default is None:
        return ("false", "true") if default else ("true", "false")
    return ("3", "4")


@pytest.fixture(autouse=True)
def fresh_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    # An environment given as a dict names no folder of settings: the home directory is read.
    monkeypatch.setenv("HOME", str(tmp_path))
    yield
    process_settings.clear()


class Layers:
    """Everything that can say something, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.arguments: dict[str, Any] = {}
        self.environment = {"XDG_CONFIG_HOME": str(folder / "config")}
        self.folder = folder

    def say(self, layer: str, name: str, text: str) -> None:
        if layer == "argument":
            self.arguments = {**self.arguments, name: text}
        elif layer == "settings=":
            self.arguments = {**values_of_settings({name: text}), **self.arguments}
        elif layer == "setup":
            process_settings.update({name: text})
        elif layer in {"WEFT_", "WANDB_"}:
            self.environment[layer + SETTINGS[name].variable] = text
        elif layer != "default":
            self._write(layer, name, text)

    def _write(self, layer: str, name: str, text: str) -> None:
        path = {
            "local file": self.folder / "weft" / "settings",
            "user file": self.folder / "config" / "weft" / "settings",
            "wandb file": self.folder / "wandb" / "settings",
            "wandb user file": self.folder / "config" / "wandb" / "settings",
        }[layer]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"[default]\n{name} = {text}\n")

    def read(self) -> Settings:
        return read_settings(self.arguments, self.environment)


def says_nothing(layer: str, name: str) -> bool:
    """A settings file can't say where settings files lie; W&B's `strict` means something else."""
    return (name == "config_dir" and "file" in layer) or (
        name == "strict" and layer in {"WANDB_", "wandb file", "wandb user file"}
    )


@pytest.mark.parametrize("name", SETTINGS)
def test_each_place_is_heard_over_all_below_it(name: str, tmp_path: Path) -> None:
    first, second = values_of(name)
    expected = SETTINGS[name].check(name, first)
    layers = [layer for layer in LAYERS if not says_nothing(layer, name)]
    for number, (upper, lower) in enumerate(itertools.pairwise(layers)):
        layers = Layers(tmp_path / str(number))
        layers.folder.mkdir()
        if name != "dir":
            layers.arguments["dir"] = layers.folder
        if name == "api_key":  # a key of W&B's counts only where W&B's variable points
            layers.environment["WANDB_BASE_URL"] = "http://a"
        layers.say(upper, name, first)
        layers.say(lower, name, second)
        if name == "dir" and "file" in upper:
            continue  # they lie in the working directory; see the next test
        assert getattr(layers.read(), name) == expected, (upper, lower)
        process_settings.clear()


def test_a_settings_file_may_name_the_folder(tmp_path: Path) -> None:
    (tmp_path / "weft").mkdir()
    (tmp_path / "weft" / "settings").write_text("dir = elsewhere\n")
    assert read_settings({}, {}).dir == Path("elsewhere")


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_has_its_default_and_an_empty_variable_says_nothing(name: str) -> None:
    environment = dict.fromkeys(SETTINGS[name].variables, "")
    settings = read_settings({}, {"XDG_CONFIG_HOME": "/nowhere", **environment})
    assert getattr(settings, name) == SETTINGS[name].default


NAMED = {
    "API_KEY": "api_key", "BASE_URL": "base_url", "ENTITY": "entity", "PROJECT": "project",
    "NAME": "name", "NOTES": "notes", "TAGS": "tags", "RUN_ID": "run_id", "RESUME": "resume",
    "RUN_GROUP": "group", "JOB_TYPE": "job_type", "MODE": "mode", "DIR": "dir",
    "DATA_DIR": "data_dir", "ARTIFACT_DIR": "artifact_dir", "CACHE_DIR": "cache_dir",
    "CONFIG_DIR": "config_dir", "CONFIG_PATHS": "config_paths", "CONSOLE": "console",
    "SILENT": "silent", "QUIET": "quiet", "SHOW_RUN": "show_run", "DISABLE_GIT": "disable_git",
    "DISABLE_CODE": "disable_code", "SAVE_CODE": "save_code", "IGNORE_GLOBS": "ignore_globs",
    "HOST": "host", "USERNAME": "username", "USER_EMAIL": "email", "SWEEP_ID": "sweep_id",
    "NOTEBOOK_NAME": "notebook_name", "DOCKER": "docker", "ERROR_REPORTING": "error_reporting",
    "INIT_TIMEOUT": "init_timeout_secs", "HTTP_TIMEOUT": "http_timeout_secs",
    "IDENTITY_TOKEN_FILE": "identity_token_file",
    "INSECURE_DISABLE_SSL": "insecure_disable_ssl",
    "AGENT_REPORT_INTERVAL": "agent_report_interval_secs",
    "AGENT_KILL_DELAY": "agent_kill_delay_secs",
    "AGENT_DISABLE_FLAPPING": "agent_disable_flapping",
    "AGENT_MAX_INITIAL_FAILURES": "agent_max_initial_failures",
}  # fmt: skip
"""The variables of W&B that people set, and the setting each of them is here."""


@pytest.mark.parametrize("variable", NAMED)
def test_every_variable_of_wandb_is_honoured_and_ours_over_it(variable: str) -> None:
    name = NAMED[variable]
    first, second = values_of(name)
    check = SETTINGS[name].check
    base = {"XDG_CONFIG_HOME": "/nowhere"}
    if name == "api_key":
        base["WANDB_BASE_URL"] = "http://a"
    alone = read_settings({}, {**base, f"WANDB_{variable}": first})
    assert getattr(alone, name) == check(name, first)
    both = read_settings({}, {**base, f"WANDB_{variable}": second, f"WEFT_{variable}": first})
    assert getattr(both, name) == check(name, first)


BAD = {
    "PROJECT": "a/b", "ENTITY": "a/b", "RUN_ID": "a/b", "NAME": "x" * 600, "TAGS": "x" * 600,
    "MODE": "sideways", "RESUME": "sometimes", "REINIT": "perhaps", "CONSOLE": "loud",
    "SILENT": "maybe", "QUIET": "maybe", "SHOW_RUN": "maybe", "DISABLE_GIT": "maybe",
    "INIT_TIMEOUT": "soon", "HTTP_TIMEOUT": "-1", "INSECURE_DISABLE_SSL": "maybe",
    "AGENT_KILL_DELAY": "nan", "AGENT_MAX_INITIAL_FAILURES": "1.5", "API_KEY": "a\tb",
    "FORK_FROM": "a?step=1", "RESUME_FROM": "?_step=1", "GPU_IDS": "zero",
    "OPEN_METRICS_ENDPOINTS": "http://a", "OPEN_METRICS_FILTERS": '["("]',
    "OPEN_METRICS_HEADERS": '{"a b": "c"}',
}  # fmt: skip


@pytest.mark.parametrize("prefix", ["WEFT_", "WANDB_"])
@pytest.mark.parametrize("variable", BAD)
def test_a_bad_variable_is_named(variable: str, prefix: str) -> None:
    with pytest.raises(ConfigError, match=prefix + variable):
        read_settings({}, {prefix + variable: BAD[variable]})


def test_a_bad_line_of_a_file_is_named_with_its_file(tmp_path: Path) -> None:
    (tmp_path / "weft").mkdir()
    (tmp_path / "weft" / "settings").write_text("mode = sideways\n")
    with pytest.raises(ConfigError, match="mode in weft/settings must be one of"):
        read_settings({}, {})


def test_a_mistyped_variable_is_told_of_with_the_nearest_name() -> None:
    troubles: list[str] = []
    environment = {
        "WEFT_BASE_UR": "http://a", "WEFT_PROJECT": "p",
        # of other programs, of the server, and of Kubernetes for a Service called `weft`
        "WEFT_CI_CACHE_KEY": "x", "WEFT_SERVER_POR": "1", "WEFT_SERVICE_HOST": "10.0.0.1",
        "WEFT_PORT": "tcp://10.0.0.1:80", "WEFT_PORT_80_TCP_ADDR": "10.0.0.1",
    }  # fmt: skip
    read_settings({}, environment, troubles)
    assert troubles == [
        "environment variable WEFT_BASE_UR is unknown and ignored: did you mean 'WEFT_BASE_URL'?"
    ]


def test_an_unknown_line_of_a_file_is_told_of_with_the_nearest_name(tmp_path: Path) -> None:
    (tmp_path / "weft").mkdir()
    (tmp_path / "weft" / "settings").write_text("; remark\nprojet = a\nname = b\n")
    troubles: list[str] = []
    settings = read_settings({}, {}, troubles)
    assert settings.name == "b"
    (trouble,) = troubles
    assert "weft/settings" in trouble
    assert "did you mean 'project'" in trouble


def test_a_line_of_a_file_that_sets_nothing_is_told_of(tmp_path: Path) -> None:
    file = tmp_path / "weft" / "settings"
    file.parent.mkdir()
    file.write_text("[default]\n# mine\n\nmode: offline\nproject = mnist\n")
    troubles: list[str] = []
    settings = read_settings({"dir": tmp_path}, {}, troubles)
    assert (settings.mode, settings.project) == ("online", "mnist")
    assert troubles == [f"{file}: 'mode: offline' sets nothing: write name = value"]


def test_a_line_of_a_file_of_wandb_that_means_nothing_here_is_no_trouble(tmp_path: Path) -> None:
    (tmp_path / "wandb").mkdir()
    (tmp_path / "wandb" / "settings").write_text("[default]\nroot_dirr = x\nmode = offline\n")
    troubles: list[str] = []
    assert read_settings({}, {}, troubles).mode == "offline"
    assert troubles == []


def test_an_unreadable_file_is_told_of_and_the_others_count(tmp_path: Path) -> None:
    (tmp_path / "weft").mkdir()
    (tmp_path / "weft" / "settings").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "config" / "weft").mkdir(parents=True)
    (tmp_path / "config" / "weft" / "settings").write_text("project = p\n")
    troubles: list[str] = []
    settings = read_settings({}, {"XDG_CONFIG_HOME": str(tmp_path / "config")}, troubles)
    assert settings.project == "p"
    assert len(troubles) == 1
    assert "can't be read" in troubles[0]


def test_config_dir_says_where_the_users_file_is(tmp_path: Path) -> None:
    (tmp_path / "settings").write_text("project = p\n")
    assert read_settings({}, {"WEFT_CONFIG_DIR": str(tmp_path)}).project == "p"
    assert read_settings({"config_dir": tmp_path}, {}).project == "p"
    # W&B's folder holds W&B's file, whose lines come last.
    assert read_settings({}, {"WANDB_CONFIG_DIR": str(tmp_path)}).project == "p"


def test_a_setting_at_its_default_is_still_said(tmp_path: Path) -> None:
    settings = values_of_settings(Settings(mode="online"))
    assert read_settings(settings, {"WEFT_MODE": "offline"}).mode == "online"


def test_a_key_of_wandb_goes_only_where_wandb_points() -> None:
    key = {"WANDB_API_KEY": "k"}
    assert read_settings({}, key).api_key is None
    assert read_settings({}, {**key, "WEFT_BASE_URL": "http://a"}).api_key is None
    assert read_settings({}, {**key, "WANDB_BASE_URL": "http://a"}).api_key == "k"
    assert read_settings({}, {**key, "WANDB_BASE_URL": "https://api.wandb.ai"}).api_key is None
    ours = {**key, "WEFT_API_KEY": "w"}
    assert read_settings({}, {**ours, "WANDB_BASE_URL": "http://a"}).api_key == "w"


@pytest.mark.parametrize(
    "url", ["https://api.wandb.ai", "https://wandb.ai/", "https://eu.wandb.ai:443/x"]
)
def test_the_cloud_of_wandb_is_never_the_server(url: str) -> None:
    assert read_settings({"base_url": url}, {}).base_url is None
    environment = {"WANDB_BASE_URL": url, "WEFT_BASE_URL": ""}
    assert read_settings({}, environment).base_url is None


def test_an_address_that_is_none_raises_in_a_call_and_not_in_a_variable() -> None:
    for make_settings in (
        lambda: Settings(base_url="nonsense"),
        lambda: read_settings({"base_url": "x"}),
    ):
        with pytest.raises(ConfigError, match="base_url is not a server address"):
            make_settings()
    # A machine that is set up wrongly stops nobody's training: the run warns, and stays here.
    settings = read_settings({}, {"WEFT_BASE_URL": "nonsense", "WANDB_BASE_URL": "http://a"})
    assert settings.base_url == "nonsense"
    assert settings.replace(run_id="a").base_url == "nonsense"


@pytest.mark.parametrize(
    ("text", "word"),
    [(True, "auto"), (False, None), ("None", None), ("none", None), ("", None), ("Allow", "allow"),
     ("must", "must"), ("never", "never"), ("auto", "auto"), ("true", "auto")],
)  # fmt: skip
def test_what_resume_may_be(text: object, word: str | None) -> None:
    assert read_settings({"resume": text}, {"WANDB_RESUME": "must"}).resume == word


@pytest.mark.parametrize(
    ("text", "policy"),
    [(True, "finish_previous"), (False, "return_previous"), ("default", "finish_previous"),
     ("finish_previous", "finish_previous"), ("return_previous", "return_previous"),
     ("create_new", "create_new")],
)  # fmt: skip
def test_what_reinit_may_be(text: object, policy: str) -> None:
    assert read_settings({"reinit": text}, {}).reinit == policy


@pytest.mark.parametrize(
    ("text", "mode"),
    [("dryrun", "offline"), ("run", "online"), ("shared", "online"), ("Disabled", "disabled")],
)
def test_modes_of_wandb_are_understood(text: str, mode: str) -> None:
    assert read_settings({"mode": text}, {}).mode == mode


@pytest.mark.parametrize(
    "settings",
    [{"resume": "must", "fork_from": "a"}, {"fork_from": "a", "resume_from": "b"},
     {"resume": "allow", "resume_from": "a"}],
)  # fmt: skip
def test_ways_to_go_on_exclude_one_another(settings: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match=r" and .* can't be used together"):
        read_settings(settings, {})


@pytest.mark.parametrize("name", ["SLURM_STEP_ID", "KUBERNETES_SERVICE_HOST", "COLAB_RELEASE_TAG"])
def test_finish_waits_longer_where_nothing_outlives_the_process(name: str) -> None:
    assert read_settings({}, {name: "1"}).finish_timeout_secs == FINISH_TIMEOUT_ALONE_SECS
    settings = read_settings({}, {name: "1", "WEFT_FINISH_TIMEOUT": "5"})
    assert settings.finish_timeout_secs == 5


def test_one_rank_reports_on_a_run_that_ranks_share() -> None:
    ranks = [{"RANK": str(rank), "WORLD_SIZE": "4"} for rank in range(4)]
    shared = [read_settings({"run_id": "a"}, rank).show_info for rank in ranks]
    assert shared == [True, False, False, False]
    assert [read_settings({}, rank).show_info for rank in ranks] == [True] * 4
    shows = [read_settings({"id": "a", "show_info": True}, rank).show_info for rank in ranks]
    assert shows == [True] * 4
    job = {"SLURM_PROCID": "1", "SLURM_STEP_NUM_TASKS": "2", "WANDB_RUN_ID": "a"}
    assert not read_settings({}, job).show_info
    assert read_settings({}, {**job, "WANDB_QUIET": "false"}).show_info


def test_private_variables_of_wandb_are_understood() -> None:
    settings = read_settings(
        {}, {"WANDB__DISABLE_STATS": "true", "WANDB_X_LABEL": "l", "WANDB__PRIMARY": "false",
             "WANDB__NONSENSE": "x", "WANDB_X_STATS_SAMPLING_INTERVAL": ""},
    )  # fmt: skip
    assert (settings.system_interval_secs, settings.label) == (0, "l")
    assert settings.x_primary == "false"
    over = read_settings({"label": "mine"}, {"WANDB__LABEL": "l", "WEFT_LABEL": "ours"})
    assert over.label == "mine"


def test_settings_of_system_metrics_have_the_names_of_wandb() -> None:
    settings = read_settings(
        {},
        {
            "WANDB_X_STATS_GPU_DEVICE_IDS": "[1, 3]",
            "WANDB_X_STATS_DISK_PATHS": '["/", "/data"]',
            "WANDB__STATS_OPEN_METRICS_ENDPOINTS": '{"dcgm": "http://n1:9400/metrics"}',
            "WANDB_X_STATS_OPEN_METRICS_FILTERS": '["dcgm.DCGM_FI_.*"]',
            "WANDB_X_STATS_OPEN_METRICS_HTTP_HEADERS": '{"Authorization": "Bearer s3cret"}',
            "WANDB_X_STATS_SAMPLING_INTERVAL": "2",
        },
    )
    assert settings.sampling == SamplingSettings(
        interval_secs=2.0,
        disk_paths=("/", "/data"),
        gpu_ids=(1, 3),
        endpoints={"dcgm": "http://n1:9400/metrics"},
        filters={"dcgm.DCGM_FI_.*": {}},
        headers={"Authorization": "Bearer s3cret"},
    )
    assert "s3cret" not in repr(settings)
    assert Settings(x_stats_gpu_device_ids=[0]).gpu_ids == (0,)
    assert Settings(disk_paths=Path("/data")).disk_paths == ("/data",)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("gpu_ids", [0.5], "gpu_ids must be the numbers of GPUs, such as 0,1"),
        ("gpu_ids", 3, "gpu_ids must be the numbers of GPUs"),
        ("x_stats_gpu_device_ids", "[-1]", "x_stats_gpu_device_ids must be the numbers"),
        ("open_metrics_endpoints", {"a": "file:///etc"}, "must begin with http:// or https://"),
        ("open_metrics_endpoints", {"a.b": "http://a"}, "not a valid name: use letters"),
        ("open_metrics_endpoints", ["http://a"], "must be a dict or JSON object such as"),
        ("open_metrics_endpoints", "{", "open_metrics_endpoints is not valid JSON"),
        ("open_metrics_endpoints", {"a": "http://" + "a" * 20_000}, "at most 16,000 characters"),
        ("open_metrics_filters", {"a": {"gpu": "["}}, "invalid regular expression"),
        ("open_metrics_filters", {"a": "0"}, "must be a dict or JSON object of labels"),
        ("open_metrics_headers", {"A": "x\r\ny"}, "the header 'A' or its value is invalid"),
        ("disk_paths", 5, "disk_paths must be a list of strings"),
    ],
)
def test_a_bad_setting_of_system_metrics_is_named(name: str, value: object, words: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(words)):
        Settings(**{name: value})


@pytest.mark.parametrize("name", ["project", "entity"])
def test_an_empty_name_counts_as_none(name: str) -> None:
    assert getattr(read_settings({name: ""}, {f"WEFT_{name.upper()}": "a"}), name) == "a"


# -- weft.Settings ---


def test_settings_know_the_names_of_wandb() -> None:
    settings = Settings(
        run_name="n", run_group="g", run_tags=["a"], root_dir="x", init_timeout=7, x_label="l",
        start_method="thread", _disable_stats=True, x_primary=False, finish_timeout=0,
    )  # fmt: skip
    assert (settings.name, settings.group, settings.tags) == ("n", "g", ("a",))
    assert (settings.dir, settings.init_timeout_secs, settings.label) == (Path("x"), 7, "l")
    assert (settings.run_name, settings.run_group, settings.root_dir) == ("n", "g", Path("x"))
    assert (settings.start_method, settings.x_primary) == ("thread", False)
    assert settings.system_interval_secs == 0
    assert settings.x_disable_stats is settings._disable_stats is True
    assert Settings(x_disable_meta=True).disable_metadata is True
    assert Settings(_disable_machine_info=False).disable_metadata is False
    assert settings.finish_timeout_secs == 30, "0 is W&B's word for no limit"
    assert settings.silent is False
    assert settings.program is None


def test_settings_check_what_they_are_set_to() -> None:
    settings = Settings()
    settings.project = "p"
    settings.update({"run_notes": "n"}, silent="yes")
    assert (settings.project, settings.notes, settings.silent) == ("p", "n", True)
    with pytest.raises(ConfigError, match="mode must be one of"):
        settings.mode = "sideways"  # type: ignore[assignment]
    with pytest.raises(ConfigError, match="no setting 'projet': did you mean 'project'"):
        settings.projet = "p"
    with pytest.raises(AttributeError, match="did you mean 'project'"):
        _ = settings.projet


def test_settings_of_a_run_do_not_change(tmp_path: Path) -> None:
    settings = read_settings({"project": "p"}, {})
    with pytest.raises(ConfigError, match=r"pass it to weft\.init"):
        settings.project = "q"
    assert settings.replace(project="q").project == "q"
    assert settings.project == "p"


def test_settings_show_no_key_and_survive_a_pickle() -> None:
    import copy
    import pickle

    settings = Settings(api_key="secret-key", project="p", start_method="fork")
    assert "secret-key" not in repr(settings)
    for same in (pickle.loads(pickle.dumps(settings)), copy.deepcopy(settings)):
        assert same == settings
        assert same.start_method == "fork"
    assert dict(settings)["project"] == "p"
