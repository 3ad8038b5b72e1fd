"""Rules of new passwords, after NIST SP 800-63B and OWASP ASVS. Pure.

There are no rules of composition and no expiry: both make people choose worse passwords.
"""

from __future__ import annotations

import re
from typing import Final

from weft.errors import ConfigError

MIN_CHARS: Final = 12
MAX_CHARS: Final = 256

_MIN_OWN_CHARS: Final = 6
"""Characters that must be left of a password without well-known words, names, rows and digits."""

_ROWS: Final = (
    "01234567890123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol",
    "1q2w3e4r5t6y7u8i9o0p",
)
_MIN_ROW_CHARS: Final = 4

# The words in the commonest passwords of published leaks.
_WORDS: Final = """
    password passwort motdepasse contrasena parola passw0rd p@ssw0rd p@ssword pa55word admin
    administrator root superuser guest default changeme change letmein welcome login master secret
    test testing temp temporary user access iloveyou loveyou lovely love princess sunshine monkey
    dragon football baseball basketball soccer hockey superman batman pokemon starwars shadow
    michael jordan jennifer charlie daniel ashley jessica thomas hunter ranger buster killer
    summer winter spring autumn monday january december computer internet samsung google facebook
    linkedin qwerty azerty asdf zxcv trustno whatever freedom flower cookie pepper ginger cheese
    chocolate banana orange hello world hallo secure security company server
    weft wandb tensorflow pytorch
""".split()  # noqa: SIM905 (a table)

_DIGITS_AND_MARKS: Final = re.compile(r"[\W\d_]+")


def check_new_password(password: str, *, about: tuple[str, ...] = ()) -> None:
    """Refuse a password that is too short, too long or among the first that others would guess.

    `about` are the user's name, display name and mail.

    >>> check_new_password("correct horse battery")
    >>> check_new_password("Password123!!")
    Traceback (most recent call last):
    ...
    weft.errors.ConfigError: password: it is easily guessed; choose several unrelated words
    """
    if len(password) < MIN_CHARS:
        raise ConfigError(f"password: it needs {MIN_CHARS} characters or more", field="password")
    if len(password) > MAX_CHARS:
        raise ConfigError(
            f"password: it may have at most {MAX_CHARS} characters", field="password"
        )
    own = _without_known(password.lower(), about)
    if len(own) < _MIN_OWN_CHARS or len(set(own)) < _MIN_OWN_CHARS // 2:
        raise ConfigError(
            "password: it is easily guessed; choose several unrelated words", field="password"
        )


def _without_known(password: str, about: tuple[str, ...]) -> str:
    """A password without what others would guess, longest first."""
    names = (part for text in about for part in re.split(r"[\W_]+", text.lower()))
    words = {*_WORDS, *(name for name in names if len(name) > 2)}
    for word in sorted(words, key=len, reverse=True):
        password = password.replace(word, "")
    for row in (*_ROWS, *(row[::-1] for row in _ROWS)):
        password = _without_row(password, row)
    letters = _DIGITS_AND_MARKS.sub("", password)
    # Long random digits are a good password, a word and its year are not.
    return password if len(letters) < 2 and len(set(password)) >= _MIN_OWN_CHARS else letters


def _without_row(password: str, row: str) -> str:
    """A password without the stretches that it shares with a row of neighbouring keys."""
    rest = ""
    at = 0
    while at < len(password):
        end = at + _MIN_ROW_CHARS
        if password[at:end] not in row or end > len(password):
            rest += password[at]
            at += 1
            continue
        while end < len(password) and password[at : end + 1] in row:
            end += 1
        at = end
    return rest
