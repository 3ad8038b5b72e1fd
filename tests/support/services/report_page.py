"""A page that edits a report: a Yjs document of its own, as the web app has one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pycrdt import Doc, XmlElement, XmlFragment, XmlText
from pycrdt import Map as SharedMap


class ReportPage:
    """The document of one page; `take` returns what was typed since the last call."""

    def __init__(self, update: bytes = b"") -> None:
        self.doc: Doc[Any] = Doc()
        self.text = self.doc.get("text", type=XmlFragment)
        if update:
            self.doc.apply_update(update)
        self._sent = self.doc.get_state()

    @property
    def state_vector(self) -> bytes:
        return self.doc.get_state()

    def receive(self, update: bytes) -> None:
        """Apply what others typed."""
        self.doc.apply_update(update)
        self._sent = self.doc.get_state()

    def take(self) -> bytes:
        update = self.doc.get_update(self._sent)
        self._sent = self.doc.get_state()
        return update

    def characters(self, position: int) -> XmlText:
        """The text of a top-level block."""
        text = self.text.children[position].children[0]
        assert isinstance(text, XmlText)
        return text

    def type(self, position: int, at: int, characters: str, **marks: Mapping[str, Any]) -> bytes:
        """Type into a block, and return the update."""
        self.characters(position).insert(at, characters, marks)
        return self.take()

    def add(
        self, name: str, text: str | None = None, *children: XmlElement, **attributes: Any
    ) -> bytes:
        """Add a node at the end, and return the update."""
        contents = [*([XmlText(text)] if text is not None else ()), *children]
        self.text.children.append(XmlElement(name, attributes, contents))
        return self.take()

    def change(self, change: Callable[[Doc[Any]], object]) -> bytes:
        """Do something to the document, and return the update."""
        change(self.doc)
        return self.take()

    def map(self, root: str) -> SharedMap[Any]:
        return self.doc.get(root, type=SharedMap)
