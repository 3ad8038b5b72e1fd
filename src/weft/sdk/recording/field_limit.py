"""Bounds the config of a run, and what its script sets in the summary. No I/O."""

from __future__ import annotations

from weft.records.field_sizes import field_bytes
from weft.records.limits import MAX_FIELDS_BYTES
from weft.sdk.dicts.tree import Leaf
from weft.sdk.dicts.tree import Path as LeafPath
from weft.sdk.values.scalars import Complain


class FieldLimit:
    """Leaves out the values with which all that a run has would be too large.

    They stay in the script's own dict, and in the file that the run gets of it at its end.
    """

    def __init__(self, name: str, warn_value: Complain) -> None:
        self._name = name
        self._warn_value = warn_value
        self._sizes: dict[tuple[str, ...], int] = {}
        self._n_bytes = 0

    def fitting(self, values: list[Leaf], removed: list[LeafPath]) -> list[Leaf]:
        """The values that fit, counted from now on, once `removed` are removed."""
        for path in removed:
            self._n_bytes -= self._sizes.pop((*path,), 0)
        return [leaf for leaf in values if self._fits(*leaf)]

    def _fits(self, path: LeafPath, value: object) -> bool:
        size = field_bytes(value)
        added = size - self._sizes.get((*path,), 0)
        if self._n_bytes + added > MAX_FIELDS_BYTES:
            self._warn_value(
                ".".join((self._name, *path)),  # a row may lack a value of that name, too
                f"is not sent: with it, the {self._name} of the run has more than "
                f"{MAX_FIELDS_BYTES >> 20} MB; put large values into a file or an artifact. It is "
                f"in files/{self._file} of the run",
            )
            return False
        self._sizes[(*path,)] = size
        self._n_bytes += added
        return True

    @property
    def _file(self) -> str:
        return "config.yaml" if self._name == "config" else "summary.json"
