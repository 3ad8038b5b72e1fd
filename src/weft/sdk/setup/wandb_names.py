"""W&B's names: which of them are our settings, which weft ignores, and which come later. No I/O.

A script for `wandb` passes `wandb.Settings(run_group=..., start_method="thread")`. Every name that
W&B knows is accepted, so that such a script runs unchanged.
"""

from __future__ import annotations

from typing import Any, Final

ALIASES: Final[dict[str, str]] = {
    "id": "run_id",  # the name of the argument of `init`, not W&B's
    "run_name": "name",
    "run_notes": "notes",
    "run_tags": "tags",
    "run_group": "group",
    "run_job_type": "job_type",
    "root_dir": "dir",
    "init_timeout": "init_timeout_secs",
    "finish_timeout": "finish_timeout_secs",
    "x_graphql_timeout_seconds": "http_timeout_secs",
    "x_label": "label",
    "x_stats_disk_paths": "disk_paths",
    "x_stats_gpu_device_ids": "gpu_ids",
    "x_stats_open_metrics_endpoints": "open_metrics_endpoints",
    "x_stats_open_metrics_filters": "open_metrics_filters",
    "x_stats_open_metrics_http_headers": "open_metrics_headers",
    "x_stats_sampling_interval": "system_interval_secs",
}
"""W&B's name or the name in `init` -> ours. All of them can be read from `run.settings`."""

WITHOUT_MEANING: Final = frozenset(
    """
    allow_media_symlink allow_offline_artifacts anonymous app_url_override
    azure_account_url_to_access_key code_dir console_chunk_max_bytes
    console_chunk_max_seconds console_multipart credentials_file disable_git_fork_point
    disable_job_creation finish_timeout_raises git_remote git_root
    heartbeat_seconds http_proxy https_proxy job_name job_source label_disable launch
    launch_config_path login_timeout organization program_abspath program_relpath relogin
    resumed run_mode sagemaker_disable settings_system show_colors start_method stop_fn
    stop_on_fatal_error summary_timeout summary_warnings sweep_param_path symlink
    table_raise_on_max_row_limit_exceeded use_dot_wandb x_cli_only_mode
    x_coreweave_metadata_base_url x_disable_machine_info x_disable_meta x_disable_service
    x_disable_setproctitle x_disable_stats x_disable_update_check x_disable_viewer x_executable
    x_extra_http_headers x_file_stream_max_bytes x_file_stream_max_line_bytes x_file_stream_no_gzip
    x_file_stream_retry_max x_file_stream_retry_wait_max_seconds
    x_file_stream_retry_wait_min_seconds x_file_stream_timeout_seconds
    x_file_stream_transmit_interval x_file_transfer_retry_max
    x_file_transfer_retry_wait_max_seconds x_file_transfer_retry_wait_min_seconds
    x_file_transfer_timeout_seconds x_files_dir x_flow_control_custom x_flow_control_disabled
    x_graphql_retry_max x_graphql_retry_wait_max_seconds x_graphql_retry_wait_min_seconds
    x_history_value_encoding x_internal_check_process x_internal_queue_timeout x_jupyter_name
    x_jupyter_path x_jupyter_root x_live_policy_rate_limit x_live_policy_wait_time x_log_level
    x_network_buffer x_primary x_primary_node x_proxies x_require_core x_require_legacy_service
    x_runqueue_item_id x_save_requirements x_server_side_derived_summary
    x_server_side_expand_glob_metrics x_service_transport x_service_wait x_shared
    x_show_operation_stats x_skip_transaction_log x_start_time x_stats_buffer_size
    x_stats_coreweave_metadata_base_url x_stats_coreweave_metadata_endpoint x_stats_cpu_count
    x_stats_cpu_logical_count x_stats_dcgm_exporter x_stats_gpu_count x_stats_gpu_type
    x_stats_join_assets x_stats_neuron_monitor_config_path x_stats_no_cgroup x_stats_pid
    x_stats_sample_rate_seconds x_stats_samples_to_average x_stats_self_usage
    x_stats_track_process_tree x_sync x_sync_dir_suffix x_sync_dir_suffix_random
    x_transaction_log_flush_interval x_update_finish_state
    """.split()  # noqa: SIM905  as a list it would take a screen
)
"""Settings that W&B has and weft ignores: stored as given, and never used."""

MISSING_INTEGRATIONS: Final = frozenset({"fastai", "sacred", "tensorflow"})
"""Those that weft lacks: they need the official package."""

MISSING: Final[dict[str, str]] = {
    "EvalTable": "log a `weft.Table`",
    "controller": "the server decides which parameters a sweep tries",
    "integration": "import `weft.integrations`; or call `weft.install_as_wandb()`, and import "
    "from wandb as before: `weft docs frameworks`",
    "gym": "pass `monitor_gym=True` to `init`, or import `weft.integrations.gymnasium`",
}
"""Other names of W&B's module that this version lacks -> what to do instead."""

_NO_CALLS: Final = "weft has no traces of models' calls: log their inputs and outputs as a table"
_NO_WORKFLOWS: Final = "call `weft.init()` in the step, with the flow's name as `group`"

_ABSENT_INTEGRATIONS: Final[dict[str, str]] = {
    "cohere": _NO_CALLS,
    "diffusers": 'log what a pipeline returns, `weft.log({"samples": [weft.Image(image) for '
    "image in pipeline(prompt).images]})`",
    "dspy": _NO_CALLS,
    "huggingface": _NO_CALLS,
    "kfp": _NO_WORKFLOWS,
    "langchain": _NO_CALLS,
    "metaflow": _NO_WORKFLOWS,
    "openai": _NO_CALLS,
    "prodigy": "log the annotations as a table",
    "sagemaker": "`weft.init()` reads the configuration of a SageMaker job by itself",
    "torch": "`wandb.watch(model)` logs gradients and parameters, and "
    "`weft.integrations.torch.trace_handler()` traces of the profiler",
    "ultralytics": "`add_wandb_callback(model)` of this module adds Ultralytics' own logger; "
    "tables of predictions are a `weft.Table` of yours: `weft docs frameworks`",
    "weave": _NO_CALLS,
}
"""Integrations of W&B's package that are no part of weft -> what to do instead."""


def public_name(name: str) -> str:
    """Convert W&B's older spelling of a private setting, `_disable_stats`, to its newer one.

    >>> public_name("_disable_stats"), public_name("project")
    ('x_disable_stats', 'project')
    """
    return f"x{name}" if name.startswith("_") and not name.startswith("__") else name


def ours_for(name: str, value: Any) -> tuple[str, Any] | None:
    """Return our setting and value for one of W&B's, or None if weft ignores it.

    >>> ours_for("run_name", "best"), ours_for("start_method", "fork")
    (('name', 'best'), None)
    >>> ours_for("x_disable_stats", True)
    ('system_interval_secs', 0.0)
    """
    is_on = value in (True, "true", "True", "1")
    if name == "x_disable_stats":
        return ("system_interval_secs", 0.0) if is_on else None
    if name in {"x_disable_meta", "x_disable_machine_info"}:
        return ("disable_metadata", True) if is_on else None
    if name == "finish_timeout" and value in (0, "0"):
        return None  # in W&B this means 'no limit', but weft's `finish` always has one
    return (ALIASES[name], value) if name in ALIASES else None


def why_missing(name: str) -> str:
    """Return the error message for a name that the module lacks.

    >>> why_missing("EvalTable")
    'weft has no EvalTable: log a `weft.Table`'
    >>> why_missing("nonsense")
    "module 'weft' has no attribute 'nonsense'"
    """
    if name in MISSING_INTEGRATIONS:
        return f"weft has no {name}: {_WITH_THE_OFFICIAL_PACKAGE}"
    if name in MISSING:
        return f"weft has no {name}: {MISSING[name]}"
    return f"module 'weft' has no attribute {name!r}"


def why_no_module(path: str) -> str:
    """Return the error message for a module of W&B's, or a name in one, that the package `wandb`
    over weft lacks.

    >>> why_no_module("sdk.launch.create_job")
    'weft has no sdk.launch.create_job: weft starts no jobs on other machines'
    >>> why_no_module("integration.prodigy")
    'weft has no integration.prodigy: log the annotations as a table'
    >>> why_no_module("sdk.backend").startswith("weft, which stands in the place of wandb here, ")
    True
    """
    for prefix, why in ABSENT_MODULES.items():
        if f"{path}.".startswith(f"{prefix}."):
            return f"weft has no {path}: {why}"
    if path.removeprefix("integration.").partition(".")[0] in MISSING_INTEGRATIONS:
        return f"weft has no {path}: {_WITH_THE_OFFICIAL_PACKAGE}; {_BY_PYTHON}"
    if path in MISSING:
        return f"weft has no {path}: {MISSING[path]}"
    integration = path.removeprefix("integration.").partition(".")[0]
    if integration in _ABSENT_INTEGRATIONS and path.startswith("integration."):
        return f"weft has no {path}: {_ABSENT_INTEGRATIONS[integration]}"
    return (
        f"weft, which stands in the place of wandb here, has no {path}: it is of the inside of "
        f"W&B's package. To use that, keep W&B's `wandb` installed, set WANDB_BASE_URL to your "
        f"server's address, as `weft docs wandb-client` says, and {_BY_PYTHON}"
    )


_NO_JOBS: Final = "weft starts no jobs on other machines"
_NO_REPORTS: Final = "weft has no reports yet; views and shares show runs: `weft docs sharing`"

ABSENT_MODULES: Final[dict[str, str]] = {
    **dict.fromkeys(
        (
            "sdk.launch",
            "apis.public.jobs",
            "apis.public.Job",
            "apis.public.QueuedRun",
            "apis.public.RunQueue",
        ),
        _NO_JOBS,
    ),
    **dict.fromkeys(
        ("apis.reports", "apis.public.reports", "apis.public.Reports", "apis.public.BetaReport"),
        _NO_REPORTS,
    ),
    "apis.public.Automations": "weft has no automations; `run.alert()` records a message",
    "sagemaker_auth": "in the container, set WEFT_BASE_URL and WEFT_API_KEY",
    "docker": "start containers with docker, and pass -e WEFT_BASE_URL and -e WEFT_API_KEY",
    "proto": "weft's log has its own format: `weft docs run-log-format`",
    "cli": "the commands are those of the program weft, and of wandb: `wandb --help`",
    "sdk.internal": "weft sends logs by a process of its own: `weft docs client`",
}
"""Names of W&B's, and modules, that weft lacks on purpose -> why, or what to do instead."""

_BY_PYTHON: Final = "start the script with python"

_WITH_THE_OFFICIAL_PACKAGE: Final = (
    "this integration works through W&B's own package. Keep `wandb` installed, import it as "
    "before, and set WANDB_BASE_URL to your server's address: `weft docs wandb-client`"
)
