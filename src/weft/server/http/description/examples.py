"""Examples of the API's description: a value for each parameter, a body for each operation.

All are about the run `ab12cd34` in the project `local/mnist`, and a test sends every one of them
to a server that has this run.
"""

from __future__ import annotations

from typing import Any, Final

PARAMETERS: Final[dict[str, tuple[str, str]]] = {
    "entity": ("local", "owner of the project; `local` stands for your own entity"),
    "project": ("mnist", "the project's name"),
    "run": ("ab12cd34", "the run's id"),
    "writer": ("k3p9x0q2m7ds", "id of the process that wrote the log"),
    "key": ("train/loss", "a metric's name; it may hold slashes"),
    "path": ("media/sample.png", "a file's path in the run; it may hold slashes"),
    "sha256": (
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "of the content",
    ),
    "artifact": ("mnist-train", "the name of a collection of artifacts"),
    "version": ("v0", "a version such as `v3`, one of its aliases, or its digest"),
    "registry": ("model", "the name of a registry"),
    "sweep": ("m4x7k2pd", "the sweep's id"),
    "agent": ("k3p9x0q2m7ds", "an id that the agent made"),
    "user": ("grace", "a user's name"),
    "team": ("lab", "a team's name"),
    "account": ("lab-ci", "the name of a service account"),
    "key_id": ("1", "the id of a key"),
    "session": ("current", "the id of a session, or `current`"),
    "invitation": ("1", "the id of an invitation"),
    "share": ("3f9c07d1a2b4", "the id of a share, with the code of its link where it is opened"),
    "view": ("3f9a1c04be27", "the view's id, or `default`"),
    "report": ("9d41c7a2e05b", "the report's id"),
    "number": ("1", "the number of a version of a report"),
    "comment": ("5f0c2b7d9e31", "the id of a comment"),
}
"""Parameters of addresses: an example and a description of each."""

QUERY: Final[dict[str, str]] = {
    "filter": 'runs that count, by default all: `config.lr > 0.01 and tags has "baseline"`',
    "order": "columns to sort by, separated by commas, a `-` before what goes down: "
    "`-summary.acc,name`",
    "search": "part of a name, upper and lower case alike; of runs also of their other texts",
    "regex": "`search` is a pattern of RE2, found anywhere",
    "limit": "the most entries of a page",
    "cursor": "the cursor of the page before; without one, the first page",
}
"""Descriptions of query parameters that have one meaning at all addresses."""

BODIES: Final[dict[str, Any]] = {
    "list_lacking_ahead": {"sha256": ["0" * 64]},
    "add_user": {"name": "grace"},
    "change_user_key": {"api_key": None},
    "change_password": {"password": "correct horse battery", "old_password": None},
    "edit_account": {"display_name": "Grace Hopper", "email": "grace@lab.example"},
    "invite": {"days": 7},
    "add_first_admin": {"name": "root"},
    "create_key": {"name": "nightly", "scope": "log", "days": 90},
    "edit_key": {"name": "nightly"},
    "add_service_account": {"name": "lab-ci"},
    "edit_run": {
        "name": "baseline",
        "add_tags": ["paper"],
        "config": {"set": [[["optimizer", "lr"], 0.01]], "removed": [["seed"]]},
        "summary": {"set": [[["verdict"], "good"]]},
    },
    "query_runs": {
        "filter": 'config.lr > 0.001 and state in ("running", "finished")',
        "order": [{"column": "summary.train/loss"}],
        "columns": ["name", "config.lr", "summary.train/loss"],
        "limit": 100,
    },
    "group_runs": {
        "by": ["config.lr"],
        "aggregates": [{"column": "summary.train/loss", "function": "mean"}],
    },
    "change_runs": {
        "filter": "state = finished",
        "action": {"kind": "edit", "add_tags": ["done"]},
    },
    "query_series": {
        "panels": [
            {"runs": ["ab12cd34"], "keys": ["train/loss"], "n_buckets": 400},
            {
                "filter": "state = finished",
                "expressions": [{"name": "smooth", "text": 'ema("train/loss", 0.9)'}],
                "group": {"by": ["config.lr"], "center": "mean", "band": "ci95"},
            },
        ]
    },
    "latest_values": {"runs": ["ab12cd34"], "keys": ["train/loss"]},
    "query_histograms": {"runs": ["ab12cd34"], "keys": ["train/loss"]},
    "query_media": {"runs": ["ab12cd34"], "keys": ["samples"], "step": 100},
    "list_media_steps": {"runs": ["ab12cd34"], "keys": ["samples"]},
    "query_table": {"run": "ab12cd34", "key": "predictions", "sort": {"column": "loss"}},
    "query_tables": {"tables": [{"run": "ab12cd34", "key": "predictions"}]},
    "query_run_events": {"runs": ["ab12cd34"]},
    "delete_metrics": {"runs": ["ab12cd34"], "keys": ["scratch"]},
    "export_history": {"runs": ["ab12cd34"], "keys": ["train/loss"], "format": "parquet"},
    "note_export": {"kind": "runs", "n_runs": 12},
    "query_sql": {"query": "select id, state from runs order by id"},
    "put_project": {"description": "digits, and how well they are read"},
    "edit_project": {"description": "digits"},
    "undelete_project": {},
    "undelete_view": {},
    "create_share": {"kind": "selection", "filter": "tags has paper", "days": 7},
    "query_shared_runs": {"columns": ["name", "config.lr"]},
    "query_shared_series": {"panels": [{"runs": ["ab12cd34"], "keys": ["train/loss"]}]},
    "latest_shared_values": {"runs": ["ab12cd34"], "keys": ["train/loss"]},
    "query_shared_histograms": {"runs": ["ab12cd34"], "keys": ["train/loss"]},
    "edit_project_access": {"open_role": "viewer"},
    "move_project": {"project": "digits"},
    "move_projects": {"projects": ["ada/mnist", "ada/cifar"], "entity": "lab"},
    "see_project_as": {"role": "viewer"},
    "add_team": {"name": "vision", "members": {"grace": "admin"}},
    "edit_team": {"description": "all that sees"},
    "put_team_member": {"role": "member"},
    "create_view": {
        "kind": "personal",
        "name": "Ablation",
        "document": {"groupBy": ["config.lr"]},
    },
    "put_default_view": {"document": {"groupBy": ["config.lr"]}},
    "edit_view": {"kind": "shared"},
    "create_report": {
        "title": "Ablation of the learning rate",
        "blocks": [
            {"id": "head", "kind": "heading", "level": 1, "text": [{"text": "Results"}]},
            {
                "id": "best",
                "kind": "paragraph",
                "text": [
                    {"text": "The loss falls to "},
                    {"kind": "value", "run": "local/mnist/ab12cd34", "key": "summary.train/loss"},
                ],
            },
            {
                "id": "curves",
                "kind": "grid",
                "runSets": {"all": {"project": "local/mnist", "filter": "state = finished"}},
                "panels": {"loss": {"kind": "line", "keys": ["train/loss"]}},
            },
        ],
    },
    "edit_report": {"title": "Ablation of the learning rate, again"},
    "publish_report": {"name": "as submitted"},
    "add_thread": {
        "body": "Is this with dropout, @grace?",
        "anchor": {"block": "best", "exact": "falls to", "prefix": "The loss ", "suffix": " 0.1"},
        "audience": "editors",
    },
    "add_reply": {"body": "Without."},
    "edit_comment": {"body": "Without, as in the paper."},
    "read_notifications": {"ids": None},
    "export_view": {
        "name": "mnist: Default view",
        "view": {"document": {}, "shown": {"runs": [], "runIds": [], "groupBy": []}},
        "runs": [],
        "requests": [{"method": "GET", "path": "metrics/names"}],
    },
    "capture_figure": {
        "part": "curves",
        "requests": [{"method": "GET", "path": "metrics?limit=10"}],
        "run_sets": {
            "all": {
                "method": "POST",
                "path": "runs/query",
                "body": {"filter": "state = finished", "columns": ["last_step"]},
            }
        },
    },
    "edit_collection": {
        "description": "the digits that models are trained on",
        "add_tags": ["vision"],
    },
    "edit_version": {"description": "without duplicates", "add_tags": ["checked"]},
    "link_version": {"target": "registry/dataset/digits", "aliases": ["staging"]},
    "put_registry": {"description": "models that are in use"},
    "edit_registry": {"protect": ["production"]},
    "create_sweep": {
        "config": "method: random\nmetric: {name: loss}\nparameters: {lr: {min: 0.001, max: 0.1}}"
    },
    "check_sweep": {"config": "method: grid\nparameters: {depth: {values: [2, 4]}}"},
    "edit_sweep": {"state": "paused"},
    "enqueue_trial": {"parameters": {"lr": 0.15}},
    "beat_agent": {"host": "gpu-node-03", "runs": {"ab12cd34": "running"}, "wants": 1},
    "set_retention": {"media_days": 90, "runs_days": 730},
    "preview_retention": {"media_days": 90},
    "set_entity_quota": {"quota_bytes": 500_000_000_000, "quota_runs": None},
    "set_project_quota": {"quota_bytes": None, "quota_runs": 10_000},
    "parse_filter": {"filter": 'config.lr > 0.01 and tags has "baseline"'},
    "collect_garbage": {"dry_run": True},
    "back_up_server": {"destination": "/backups/weft-monday"},
    "migrate_server": {"to": "/srv/weft-new"},
}
"""Example bodies by operation."""

TAGS: Final[dict[str, str]] = {
    "server": "Which server this is, and whether it works.",
    "projects": "Projects: an owner, a name, and the runs in them.",
    "runs": "Runs: what they are, what was set in them, who wrote them, and how they are stopped.",
    "metrics": "Metrics of runs: which there are, as charts, as history, as tables.",
    "logs": "What runs printed.",
    "files": "Files of runs.",
    "artifacts": "Versions of datasets and models, and which run made and used which.",
    "registries": "What is released: links to versions of all projects, and who may move them.",
    "sweeps": "Hyper-parameter searches: what is tried, by which agents, and what came of it.",
    "views": "What people see in a project, under a name or behind a link.",
    "reports": "Documents of text and live panels: drafts that people write together, and what is "
    "published of them.",
    "shares": "Parts of projects that anyone with a link may see.",
    "ingest": "How run logs come to the server; made for the client's uploader.",
    "live": "What changes, as it changes.",
    "trash": "What was deleted and can come back.",
    "sizes": "What takes the space.",
    "usage": "What entities and projects take, and what they may take.",
    "users": "Who has an account on this server, and their keys.",
    "teams": "Groups of users that own projects together, and roles in them.",
    "archives": "Whole projects in and out.",
}
"""Descriptions of the API's sections."""
