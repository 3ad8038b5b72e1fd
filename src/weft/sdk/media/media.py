"""The base of all media types: payloads to be stored, and the reference in the row.

`log()` calls `payloads`, writes them to the run's directory, and puts what `reference` returns
into the row. Which encoder makes the file is stated by name, so that no encoder is imported here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple, Protocol

from weft.errors import UsageError, WeftError
from weft.sdk.guard import is_training

if TYPE_CHECKING:
    from typing_extensions import Self

MAIN = ""
"""The name of the payload that is the value itself; others belong to it, such as masks."""

_ADDRESSES: Final = ("gs://", "s3://", "http://", "https://", "weft-artifact://")


class Origin(NamedTuple):
    """The address, such as `s3://bucket/key`, of stored content: an artifact refers to it instead
    of storing it again. The length is 0, the checksum '' if unknown.
    """

    address: str
    n_bytes: int = 0
    checksum: str = ""


@dataclass(slots=True, frozen=True)
class Payload:
    """The content of one file, as a script hands it over.

    Attributes:
        encoder: the name of the encoder that makes the file (`weft.sync.files.encoders`).
        buffers: the content, as blocks of memory that follow each other.
        source: an existing file whose copy is the content; `buffers` is empty then.
        origin: the address of stored content. Without `source`, the content is only there.
    """

    folder: str
    extension: str
    encoder: str
    options: dict[str, Any] = field(default_factory=dict[str, Any])
    buffers: Sequence[Any] = ()
    source: Path | None = None
    origin: Origin | None = None


class Filing(Protocol):
    """Takes the files of one slot in a row (`weft.sdk.media.batch`) or of an artifact."""

    @property
    def owner(self) -> str | None:
        """The run's directory. None for an artifact, whose files values do not remember."""
        ...

    def add(self, payloads: Mapping[str, Payload]) -> dict[str, str]:
        """Take the files of one value, and return their paths by name."""
        ...

    def add_at(self, path: str, payload: Payload) -> None:
        """Take a file whose path is known."""
        ...

    def note(self, item: Media) -> None:
        """Remember a value whose files were taken, in case they can't be stored."""
        ...


class _MakesMedia(type):
    """Makes media whose data is invalid into ones that `log()` leaves out, while a run is active.

    Media are made in the training loop, which they must not end.
    """

    if not TYPE_CHECKING:  # type checkers and editors know a class by its `__init__`

        def __call__(cls, *args: Any, **kwargs: Any) -> Any:
            try:
                return super().__call__(*args, **kwargs)
            except Exception as error:
                # Without a further frame, the arguments do not fit the class.
                is_invalid_call = (
                    error.__traceback__ is None or error.__traceback__.tb_next is None
                )
                if is_invalid_call or not is_training():
                    raise
                invalid = cls.without_content()
                invalid.fault = fault_of(error)
                return invalid

    @property
    def __signature__(cls) -> Any:
        """Its arguments, which `inspect` and notebooks would else take from `__call__`."""
        import inspect

        method: Any = cls.__init__
        signature = inspect.signature(method)
        parameters = list(signature.parameters.values())[1:]
        return signature.replace(parameters=parameters, return_annotation=cls)


class Media(metaclass=_MakesMedia):
    """The base of the media types.

    Attributes:
        fault: why it has no content. '' if it has.
        notes: changes of the data, as ends of sentences that begin with the key;
            `log()` warns with them.
        elsewhere: the address of a content that is known by that only: an artifact can hold such
            a value, a run can't. '' if there is none.
    """

    _log_type: ClassVar[str]
    _payload: Payload
    has_list_form: ClassVar[bool] = False
    """Whether a list of values of this class has one reference, made by `list_reference`."""

    fault: str = ""

    def __init__(self, caption: Any = None) -> None:
        self._caption: Any = caption
        self.notes: list[str] = []
        self.elsewhere: str = ""
        self._stored: tuple[str, dict[str, str]] | None = None

    @classmethod
    def without_content(cls) -> Self:
        """Make a value without content, in place of one whose data is invalid."""
        media = cls.__new__(cls)
        Media.__init__(media)
        return media

    @classmethod
    def from_stored(cls, file: Path | str, reference: Mapping[str, Any]) -> Self:
        """Make a stored value again of its file.

        Args:
            file: the file, or the address of one that is stored elsewhere.
            reference: the dict that `reference` returned when it was stored.
        """
        make: Any = cls
        return make(file, caption=reference.get("caption"))

    @classmethod
    def type_name(cls) -> str:
        """Return W&B's name of the type, `_type` in a row."""
        return cls._log_type

    def file(self, filing: Filing) -> dict[str, Any]:
        """Hand over the files that are not stored yet, and return what stands in the row.

        Raises:
            UsageError: it is to be stored in an artifact, and has no content.
        """
        if self.fault:
            if filing.owner is None:
                raise UsageError(f"{self.type_name()} has no content: {self.fault}")
            return {"_type": self.type_name(), "error": self.fault}
        if filing.owner is None:
            return self.reference(filing.add(self.payloads()))
        paths = self.stored_paths(filing.owner)
        if paths is None:
            paths = filing.add(self.payloads())
            self.note_stored(filing.owner, paths)
            filing.note(self)
        return self.reference(paths)

    def also(self, key: str) -> dict[str, Media]:
        """Return the values that are logged next to this one, by key.

        Args:
            key: the key of this value.
        """
        del key
        return {}

    def payloads(self) -> dict[str, Payload]:
        """Return the contents to be stored, by name; the value itself is `MAIN`."""
        return {MAIN: self._payload}

    def reference(self, paths: Mapping[str, str]) -> dict[str, Any]:
        """Return the row's entry for this value.

        Args:
            paths: the paths of the files that were made of the payloads, by name.
        """
        reference: dict[str, Any] = {"_type": self._log_type, "path": paths[MAIN]}
        if self._caption is not None:
            reference["caption"] = self._caption
        return reference

    def restore(self, reference: Mapping[str, Any], origin: Origin | None) -> None:
        """Take over the reference of a value that was made again from its file.

        Args:
            reference: the dict that `reference` returned when it was stored.
            origin: the address of the stored file.
        """
        del reference
        if hasattr(self, "_payload"):
            self._payload = replace(self._payload, origin=origin)

    def _payload_elsewhere(self, folder: str, address: str, extension: str) -> Payload:
        """The payload of a content that is known by its address only."""
        self.elsewhere = address
        return Payload(folder, extension, "bytes", origin=Origin(address))

    @classmethod
    def list_reference(cls, references: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """Return the row's entry for a list of values of this class, by the reference of each."""
        raise NotImplementedError

    @staticmethod
    def _listed(
        type_name: str, references: Sequence[dict[str, Any]], **fields: list[Any]
    ) -> dict[str, Any]:
        """The entry of a list that W&B names `type_name`: its fields, and captions if any."""
        if any("caption" in reference for reference in references):
            fields["captions"] = [reference.get("caption") for reference in references]
        return {"_type": type_name, "count": len(references), **fields}

    def stored_paths(self, owner: str) -> dict[str, str] | None:
        """Return the paths of this value's files in a run's directory, None if it has none there.

        A value that is logged a second time refers to the files of the first.
        """
        return self._stored[1] if self._stored is not None and self._stored[0] == owner else None

    def note_stored(self, owner: str, paths: dict[str, str] | None) -> None:
        """Remember in which run's directory this value's files are, and under which paths.

        Args:
            owner: the run's directory.
            paths: the paths by name. None if the files could not be stored.
        """
        self._stored = None if paths is None else (owner, paths)


def fault_of(error: Exception) -> str:
    """The reason why media could not be made.

    >>> fault_of(ValueError("no pixels")), fault_of(KeyError("a"))
    ('no pixels', "KeyError: 'a'")
    """
    is_clear = type(error) in {ValueError, TypeError} or isinstance(error, WeftError)
    return str(error) if is_clear and str(error) else f"{type(error).__name__}: {error}"


def is_address(value: object) -> bool:
    """Whether a value is the address of a content that is stored elsewhere.

    >>> is_address("s3://bucket/a.png"), is_address("a.png")
    (True, False)
    """
    return isinstance(value, str) and value.startswith(_ADDRESSES)


def number_of(value: Any) -> int | float | None:
    """Return a number of any library as Python's, or None if it is no real number.

    >>> import numpy as np
    >>> number_of(np.int64(3)), number_of(2.5), number_of("3")
    (3, 2.5, None)
    """
    if isinstance(value, (int, float)):
        return int(value) if isinstance(value, int) else float(value)  # also of subclasses
    if isinstance(value, (str, bytes)) or not hasattr(value, "item"):
        return None
    try:
        item = value.item()
    except (ValueError, RuntimeError):
        return None
    return item if isinstance(item, (int, float)) else None
