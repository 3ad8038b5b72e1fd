"""The total size of a run's config and of its set summary is bounded, in the script and after."""

from __future__ import annotations

from weft.records.limits import MAX_FIELDS_BYTES
from weft.sdk.dicts.config import Config
from weft.sdk.recording.run_records import FieldLimit

MB = 10**6
TEN_MB = ["x" * MB] * 10


def test_values_beyond_the_limit_are_named_and_stay_in_the_script() -> None:
    warnings: list[str] = []
    sent: dict[str, object] = {}
    limit = FieldLimit("config", lambda name, reason: warnings.append(f"{name} {reason}"))

    def changed(values: list[tuple[list[str], object]], removed: list[list[str]]) -> None:
        sent.update({".".join(path): value for path, value in limit.fitting(values, removed)})

    config = Config(changed, lambda _name, _reason: None, allow_change=True)
    for number in range(4):
        config.update({f"text{number}": TEN_MB, f"small{number}": number})
    assert sorted(sent) == [*(f"small{n}" for n in range(4)), *(f"text{n}" for n in range(3))]
    assert len(warnings) == 1
    assert warnings[0].startswith(
        "config.text3 is not sent: with it, the config of the run has more than 32"
    )
    assert "files/config.yaml" in warnings[0]
    assert config["text3"] == TEN_MB
    # what is replaced or removed makes room, and a list counts by its items
    config["text0"] = 1
    config["list"] = ["y" * MB] * 9
    assert "list" in sent
    config["text1"] = {"a": 1}
    config["nested"] = {"b": TEN_MB}
    assert "nested.b" in sent
    assert len(warnings) == 1
    assert MAX_FIELDS_BYTES == 32 * 2**20
