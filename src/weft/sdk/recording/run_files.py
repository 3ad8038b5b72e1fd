"""Writes the small files in a run's directory for people: config, summary, metadata. Does I/O.

They go to the server as files of the run. Called by `weft.sdk.start` and `weft.sdk.finish`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import msgspec

from weft.records.value import json_safe, tagged_in_lists
from weft.runlog.private_files import write_private
from weft.sdk.recording.recorder import Recorder


def write_run_files(
    recorder: Recorder, *, config: Mapping[str, Any], **others: Mapping[str, Any]
) -> None:
    """Write `config.yaml`, and a JSON file for each of `others`. Warns if writing fails.

    Of several processes of a run only the first does, as they may share the directory.
    """
    if not recorder.log.is_of_rank_0:
        return
    # Their secrets were counted when the config and the summary were recorded.
    redactor = recorder.redactor.copy()
    shown: dict[str, Any] = redactor.value("", dict(config))
    contents = {"config.yaml": yaml_text(shown).encode()}
    for name, values in others.items():
        # JSON has no NaN, and in a list its text would look like logged text.
        redacted = {key: redactor.logged(key, value) for key, value in values.items()}
        encoded = msgspec.json.encode(json_safe(tagged_in_lists(redacted)))
        contents[f"{name}.json"] = msgspec.json.format(encoded, indent=2)
    files = recorder.directory / "files"
    try:
        for path, content in contents.items():
            write_private(files / path, content)
    except OSError as error:
        recorder.guard.warn("files", f"the run's files can't be written: {error}")
        return
    for path, content in contents.items():
        recorder.records.announce(path, content)


def yaml_text(values: Mapping[str, Any]) -> str:
    """Format `files/config.yaml`: one key per line, values as JSON, which is also YAML.

    >>> print(yaml_text({"lr": 0.1, "model": {"depth": 2}}), end="")
    "lr": 0.1
    "model": {"depth": 2}
    """
    lines = [f"{_json(key)}: {_yaml_value(value)}\n" for key, value in values.items()]
    return "".join(lines) or "{}\n"


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _yaml_float(number: float) -> str:
    if number != number:
        return ".nan"
    if number in (float("inf"), float("-inf")):
        return ".inf" if number > 0 else "-.inf"
    text = repr(number)
    # In YAML 1.1, which PyYAML reads, `1e-05` is text and `1.0e-05` a number.
    return text if "." in text else text.replace("e", ".0e")


def _yaml_value(value: Any) -> str:
    if isinstance(value, float):
        return _yaml_float(value)
    if isinstance(value, int):
        return str(value).lower()  # True becomes true; msgspec's JSON is limited to 64 bits
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value)
        inner = ", ".join(f"{_json(k)}: {_yaml_value(v)}" for k, v in items.items())
        return f"{{{inner}}}"
    if isinstance(value, list):
        return f"[{', '.join(_yaml_value(item) for item in value)}]"
    return _json(value)
