"""Pages of HTML. Reads given files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, cast

from weft.sdk.media.media import Media, Payload


class Html(Media):
    """A page of HTML to log. It is shown in a sandbox, so its scripts can't reach the app.

    Args:
        data: the HTML as text or bytes, the path of an `.html` file, or an open file.
        inject: accepted for scripts of W&B. The text is stored as it is given; the app adds what
            it needs when it shows the page.
        data_is_not_path: whether a text is HTML even if there is a file of that name.
        caption: text below the page.

    Attributes:
        html: the text.

    Raises:
        ValueError: the data is something else, or not UTF-8.
        FileNotFoundError: there is no file at a given `Path`.

    >>> Html("<p>hello</p>").html
    '<p>hello</p>'
    """

    _log_type: ClassVar[str] = "html-file"
    has_list_form: ClassVar[bool] = True

    def __init__(
        self,
        data: Any,
        inject: bool = True,
        data_is_not_path: bool = False,
        caption: Any = None,
    ) -> None:
        super().__init__(caption)
        del inject
        self.html = _text_of(data, data_is_not_path)
        if self.html is data and not data_is_not_path and _ends_as_page(data) and "<" not in data:
            self.notes.append(f"is the text {data!r} itself, as there is no such file")

    def payloads(self) -> dict[str, Payload]:
        content = self.html.encode(errors="replace")
        return {"": Payload("html", ".html", "bytes", buffers=[content])}

    @classmethod
    def list_reference(cls, references: Sequence[dict[str, Any]]) -> dict[str, Any]:
        return {"_type": "html", "count": len(references), "html": list(references)}


def _text_of(data: Any, is_text: bool) -> str:
    if isinstance(data, str) and not (not is_text and _is_page(data)):
        return data
    if isinstance(data, (str, os.PathLike)):
        return _decoded(Path(cast("Any", data)).read_bytes())
    if hasattr(data, "read"):
        if hasattr(data, "seek"):
            data.seek(0)
        data = data.read()
        if isinstance(data, str):
            return data
    if isinstance(data, (bytes, bytearray)):
        return _decoded(bytes(data))
    raise ValueError(f"HTML must be text, a path or an open file, not {type(data).__name__}")


def _is_page(text: str) -> bool:
    """Whether a text is the path of an HTML file rather than HTML."""
    try:
        return _ends_as_page(text) and os.path.isfile(text)  # noqa: PTH113
    except ValueError:  # it holds NUL
        return False


def _ends_as_page(text: str) -> bool:
    return text.lower().endswith((".html", ".htm"))


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"HTML must be UTF-8: {error}") from None
