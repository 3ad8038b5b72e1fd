"""Roles of people in teams, projects and registries. Pure."""

from __future__ import annotations

from enum import IntEnum
from typing import Final, Literal

Visibility = Literal["private", "restricted", "open", "public"]
"""The people who see a project: its entity, named people, all who are signed in, or anyone."""


class Role(IntEnum):
    """A role, in ascending order of rights.

    >>> Role.VIEWER < Role.ADMIN, Role.parse("member").text
    (True, 'member')
    """

    VIEWER = 1
    MEMBER = 2
    ADMIN = 3

    # Enum's own hash is a call in Python, and each decision looks roles up.
    __hash__ = int.__hash__

    @property
    def text(self) -> str:
        """The name that users and the database know."""
        return _TEXTS[self]

    @staticmethod
    def parse(text: str) -> Role:
        """The role of a name; KeyError for another."""
        return _BY_TEXT[text]


_TEXTS: Final = {role: role.name.lower() for role in Role}
_BY_TEXT: Final = {text: role for role, text in _TEXTS.items()}
