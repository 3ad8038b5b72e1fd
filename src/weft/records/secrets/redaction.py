"""Redacts secrets in what a script says about itself, before it is stored. Pure.

The SDK redacts arguments, config, logged texts, a run's own texts and console lines; the sidecar
redacts git remotes and patches. Known formats and telling names are in `secret_formats`, secret
keys of AWS in `aws_secrets`; users add patterns by the setting `redact_patterns`.
`docs/guide/secrets.md` says what is found and what is not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, cast

from weft.records.secrets.aws_secrets import holds_key_id, secret_keys
from weft.records.secrets.secret_formats import (
    FORMATS,
    SecretFormat,
    Telling,
    compiled,
    formats_in,
    looks_random,
    may_hold_format,
    may_hold_name,
    telling,
)

REDACTED: Final = "***"

CUSTOM: Final = "pattern"
NAMED: Final = "named"
"""Kinds of redactions: by a pattern of the user, by a telling name. Others are in
`secret_formats.FORMATS`."""

_NAMED: Final = (
    r"(?:key(?:_?id)?|tokens?|secrets?|passw(?:or)?ds?|passphrase|pwd|credentials?|cookies?|"
    r"sig(?:nature)?)\d{0,4}"
    r"[\"']?(?:\s{0,3}(?:=[=>]|[:!]=|[=:])\s{0,3}|\s{1,3}|,\s{0,3}(?=[\"']))"
)
_VALUE: Final = r"\"[^\"\n]{0,1024}\"|'[^'\n]{0,1024}'|[\"']?[^\s\"',;&<>\[\]{}()|]{1,512}"
_REST: Final = r"[^\s\"',;&<>\[\]{}()|]*"
"""The rest of a longer value. Only read if the value is redacted: so the time stays linear."""

_PLAIN_WORDS: Final = frozenset(
    "none null nil true false undefined str int bytes bool optional any string".split()  # noqa: SIM905
)
_TEXT_PREFIXES: Final = frozenset({"", *"bfrtu", "br", "fr", "rb", "rf", "rt", "tr"})
_MOST_CODE_CHARS: Final = 1000
"""Most characters of a line that are read before a position, so that the time stays linear."""

_AWS_LINES: Final = 3
"""The lines after one with an access key id that are searched for its secret key."""

_NUMBERS: Final = frozenset({int, float, bool, type(None)})
_CAPTIONS: Final = ("caption", "captions")
_DIGITS: Final = bytes.maketrans(b"123456789", b"000000000")
_SHAPED_MARKERS: Final = frozenset(
    marker.encode().translate(_DIGITS).decode() for secret in FORMATS for marker in secret.markers
)
_MOST_SHAPES: Final = 1000
_MOST_SHAPE_CHARS: Final = 500
"""Longer texts have no shape: a thousand of them would take much memory."""

_KEY_LINE: Final = r"\s*[+ -]?[A-Za-z0-9+/=]{1,200}\s*\Z"
_MOST_KEY_LINES: Final = 400


class Redactor:
    r"""Replaces secrets by `***` and counts them.

    Redacting twice changes nothing more. A result is never longer than three characters for each
    character given, and in practice shorter. Time is linear in the length; a line without any
    word that goes with a secret takes about 1 µs.

    Args:
        patterns: regular expressions of further secrets. What their group `secret` matches is
            replaced, or all of a match if there is no such group.

    Attributes:
        counts: the number of replaced secrets by kind.

    >>> redactor = Redactor([r"ACME-\d+"])
    >>> redactor.text("login --password hunter2 for ACME-123")
    'login --password *** for ***'
    >>> dict(redactor.counts)
    {'pattern': 1, 'named': 1}
    """

    def __init__(self, patterns: Iterable[str] = (), *, is_on: bool = True) -> None:
        self.counts: Counter[str] = Counter()
        self.is_on = is_on
        self._patterns = tuple(patterns) if is_on else ()
        self._n_key_lines = 0
        self._n_aws_lines = 0
        self._shapes: dict[bytes, bool] = {}
        self._shapes_once: set[bytes] = set()

    def text(self, text: str) -> str:
        """Redact prose: a message, a command line, an address."""
        return self._redact(text, is_code=False) if self.is_on else text

    def line(self, line: str) -> str:
        """Redact one line of a stream, such as the console's.

        Call it for each line in order: the lines of a private key are redacted too.
        """
        if self._n_key_lines:
            is_end = "-----END" in line
            if is_end or compiled(_KEY_LINE).match(line):
                self._n_key_lines = 0 if is_end else self._n_key_lines - 1
                return REDACTED
            self._n_key_lines = 0
        if not self.is_on:
            return line
        if not self._n_aws_lines and self._is_clean(line):
            return line
        if "-----BEGIN" in line and "PRIVATE KEY" in line and "-----END" not in line:
            self._n_key_lines = _MOST_KEY_LINES
        if self._n_aws_lines:
            self._n_aws_lines -= 1
            line = self._replace_spans(line, secret_keys(line, is_near=True), "aws")
        if holds_key_id(line):
            self._n_aws_lines = _AWS_LINES
        return self._redact(line, is_code=False)

    def passes(self, line: str) -> bool:
        """Whether `line` leaves a line as it is by its shape alone, as most of a training loop."""
        return (
            not (self._n_key_lines or self._n_aws_lines or self._patterns)
            and line.isascii()
            and self._shapes.get(line.encode().translate(_DIGITS), False)
        )

    def _is_clean(self, text: str) -> bool:
        """Whether a text can't hold a secret; False if its shape comes for the first time.

        A shape is a text with 0 for each digit. The texts of a training loop have few shapes.
        """
        if len(text) > _MOST_SHAPE_CHARS or self._patterns or not text.isascii():
            return False
        shape = text.encode().translate(_DIGITS)
        is_clean = self._shapes.get(shape)
        if is_clean is None and shape in self._shapes_once:
            low = shape.decode().lower()
            is_clean = not (
                may_hold_name(low)
                or may_hold_format(low)
                or any(marker in low for marker in _SHAPED_MARKERS)
            )
            if len(self._shapes) >= _MOST_SHAPES:
                self._shapes.clear()
            self._shapes[shape] = is_clean
        elif is_clean is None:
            if len(self._shapes_once) >= _MOST_SHAPES:
                self._shapes_once.clear()
            self._shapes_once.add(shape)
        return bool(is_clean)

    def code(self, text: str) -> str:
        """Redact source code, such as a patch.

        Names tell of a secret only before a quoted text or a value that looks random:
        `password: str` has to stay as it is. Inside a quoted text they count as in prose.

        >>> Redactor().code('url = "https://h/?password=" + pw + "&x=1"  # password="abc"')
        'url = "https://h/?password=" + pw + "&x=1"  # password="***"'
        >>> Redactor().code('run("train --api-key=abc")')
        'run("train --api-key=***")'
        """
        return self._redact(text, is_code=True) if self.is_on else text

    def leaf(self, path: Sequence[str], value: Any) -> Any:
        """Redact a config item given by its path; see `value`.

        >>> Redactor().leaf(["credentials", "user"], "me")
        '***'
        """
        name = path[-1] if path else ""
        if len(path) > 1 and isinstance(value, str) and telling(path[-2]) >= Telling.STATED:
            name = path[-2]
        return self.value(name, value)

    def logged(self, name: str, value: Any) -> Any:
        """Redact a logged value: text, also in lists and dicts, and the captions of media.

        A metric's name counts less than a config item's: models log `token` and `key`.

        Returns `value` itself if nothing in it is a secret.

        >>> redactor = Redactor()
        >>> redactor.logged("error", ["401 for sk-q3vXw81LmZ0pT7aB", 0.5])
        ['401 for ***', 0.5]
        >>> redactor.logged("sample/token", "the"), redactor.logged("db.password", "hunter2")
        ('the', '***')
        """
        if isinstance(value, str):
            return self.logged_text(name, value)
        if isinstance(value, dict):
            items = cast("dict[str, Any]", value)
            # Paths and hashes of media must stay as they are.
            names = [key for key in _CAPTIONS if key in items] if "_type" in items else items
            changed = {key: self.logged(key, items[key]) for key in names}
            is_same = all(changed[key] is items[key] for key in changed)
            return items if is_same else {**items, **changed}
        if isinstance(value, list):
            parts = cast("list[Any]", value)
            if set(map(type, parts)) <= _NUMBERS:
                return parts
            shown = [self.logged(name, part) for part in parts]
            is_same = all(new is old for new, old in zip(shown, parts, strict=True))
            return parts if is_same else shown
        return value

    def logged_text(self, name: str, text: str) -> str:
        """Redact a logged text; see `logged`."""
        if not self.is_on:
            return text
        level = telling(name)
        is_secret = level is Telling.ALWAYS or (level is Telling.STATED and looks_random(text))
        if is_secret and _is_value(text):
            self.counts[NAMED] += 1
            return REDACTED
        if self._is_clean(text):
            return text
        return self._redact(text, is_code=False)

    def copy(self) -> Redactor:
        """Return a redactor with the same patterns that has counted nothing."""
        return Redactor(self._patterns, is_on=self.is_on)

    def arguments(self, arguments: Sequence[str]) -> list[str]:
        """Redact a command line.

        >>> Redactor().arguments(["--lr", "0.1", "--api-key", "abc", "--token=xyz"])
        ['--lr', '0.1', '--api-key', '***', '--token=***']
        """
        shown: list[str] = []
        name = ""
        for argument in arguments:
            if name and not argument.startswith("-"):
                shown.append(self._value(name, argument))
                name = ""
                continue
            option, mark, value = argument.partition("=")
            name = option if argument.startswith("-") and not mark else ""
            if mark and telling(option):
                shown.append(f"{option}={self._value(option, value)}")
            else:
                shown.append(self.text(argument))
        return shown

    def variables(self, variables: Mapping[str, str]) -> dict[str, str]:
        """Redact environment variables.

        >>> Redactor().variables({"HF_TOKEN": "abc", "HOME": "/root"})
        {'HF_TOKEN': '***', 'HOME': '/root'}
        """
        return {name: self._value(name, value) for name, value in variables.items()}

    def value(self, name: str, value: Any) -> Any:
        """Redact a config item: text, also in lists and dicts.

        Returns `value` itself if nothing in it is a secret.

        >>> Redactor().value("api", {"password": "abc", "max_tokens": 4096})
        {'password': '***', 'max_tokens': 4096}
        >>> Redactor().value("argv", ["--password", "abc", "--epochs", "3"])
        ['--password', '***', '--epochs', '3']
        """
        if not self.is_on:
            return value
        if isinstance(value, str):
            return self._value(name, value)
        if isinstance(value, dict):
            items = cast("dict[str, Any]", value)
            inherits = telling(name) >= Telling.STATED
            shown = {
                key: self.value(name if inherits and isinstance(item, str) else str(key), item)
                for key, item in items.items()
            }
            return shown if any(shown[key] is not items[key] for key in items) else items
        if isinstance(value, (list, tuple)):
            items = cast("Sequence[Any]", value)
            changed = [
                self.value(_option_before(items, nth) or name, item)
                for nth, item in enumerate(items)
            ]
            is_same = all(new is old for new, old in zip(changed, items, strict=True))
            # pyrefly: ignore[bad-argument-count]
            return items if is_same else type(items)(changed)
        if type(value) is int and telling(name) is Telling.ALWAYS:
            self.counts[NAMED] += 1
            return REDACTED
        return value

    def _value(self, name: str, value: str) -> str:
        """Redact the value of an option, a variable or a config item."""
        if not self.is_on:
            return value
        level = telling(name)
        is_secret = level is Telling.ALWAYS or (level is Telling.STATED and not _is_path(value))
        if level and _is_value(value) and (is_secret or looks_random(value)):
            self.counts[NAMED] += 1
            return REDACTED
        return self.text(value)

    def _redact(self, text: str, *, is_code: bool) -> str:
        for pattern in self._patterns:
            text = self._replace(SecretFormat(CUSTOM, (), pattern), text)
        low = text.lower()
        if holds_key_id(text) or "secret" in low:
            text = self._replace_spans(text, secret_keys(text), "aws")
        if may_hold_format(low):
            formats = formats_in(low)
            before = None
            # a key that stands directly behind another one is told from it only once that is gone
            while text != before:
                before = text
                for secret_format in formats:
                    text = self._replace(secret_format, text)
        if may_hold_name(low):
            text = self._replace_named(text, _lower(text), is_code=is_code)
        return text

    def _replace(self, secret_format: SecretFormat, text: str) -> str:
        pattern = compiled(secret_format.pattern)
        group = "secret" if "secret" in pattern.groupindex else 0
        n_replaced = 0

        def replaced(match: re.Match[str]) -> str:
            nonlocal n_replaced
            secret = match[group]
            if not secret or not secret.strip("*"):
                return match[0]
            if secret_format.is_checked and not _is_key(secret):
                return match[0]
            n_replaced += 1
            start, end = match.span(group)
            return text[match.start() : start] + REDACTED + text[end : match.end()]

        text_now = pattern.sub(replaced, text)
        if n_replaced:
            self.counts[secret_format.kind] += n_replaced
        return text_now

    def _replace_spans(self, text: str, spans: Sequence[tuple[int, int]], kind: str) -> str:
        for start, end in reversed(spans):
            text = text[:start] + REDACTED + text[end:]
            self.counts[kind] += 1
        return text

    def _replace_named(self, text: str, low: str, *, is_code: bool) -> str:
        """Redact values after telling names: `password=…`, `--token …`.

        `low` is `text` in lower case: matching that is three times as fast as ignoring the case.
        """
        shown: list[str] = []
        end_of_shown = 0
        value_pattern = compiled(_VALUE)
        for match in compiled(_NAMED).finditer(low):
            start = match.end()
            if start < end_of_shown:
                continue
            value_match = value_pattern.match(text, start)
            if value_match is None:
                continue
            value, end = value_match[0], value_match.end()
            is_bare_code = is_code
            if is_code:
                around = _quote_around(text, start)
                if around and value[0] == around:
                    continue  # the quoted text ends here, and has no value
                is_bare_code = not around
            bare = value.strip("\"'")
            name = _full_name(text, match.start(), match[0])
            is_option = name.startswith("-")
            if not is_option and match[0].rstrip()[-1] not in "=:>":
                continue
            level = telling(name)
            if "," in match[0] and bare.startswith("-"):
                continue  # names of one option, as for argparse
            if not level or not _is_value(bare) or text[end : end + 1] in ("(", "["):
                continue
            is_variable = name.isupper() and match[0][-1] == "=" and not bare.isupper()
            is_stated = is_variable or (is_option and not is_bare_code)
            is_always = is_variable or value[0] in "\"'" or not is_bare_code
            if (
                looks_random(bare)
                or (level is Telling.ALWAYS and is_always)
                or (level is Telling.STATED and is_stated and not _is_path(bare))
            ):
                quote = value[0] if value[0] in "\"'" else ""
                closing = quote if quote and value[-1] == quote and len(value) > 1 else ""
                if not closing:
                    # pyrefly: ignore[missing-attribute]
                    end = compiled(_REST).match(text, end).end()
                shown += (text[end_of_shown:start], quote, REDACTED, closing)
                self.counts[NAMED] += 1
                end_of_shown = end
        if not end_of_shown:
            return text
        shown.append(text[end_of_shown:])
        return "".join(shown)


def _option_before(items: Sequence[Any], nth: int) -> str:
    """The option that has a list's nth item as its value, as in a command line; else empty."""
    option = items[nth - 1] if nth else None
    if not isinstance(option, str) or not option.startswith("-") or "=" in option:
        return ""
    is_option = isinstance(items[nth], str) and items[nth].startswith("-")
    return "" if is_option or not telling(option) else option


def _quote_around(text: str, position: int) -> str:
    """The quote around a position of source code; empty outside of quoted texts.

    >>> [_quote_around('f(a, "b", 1)', position) for position in (2, 6, 9)]
    ['', '"', '']
    >>> _quote_around("it isn't quoted", 12)
    ''
    """
    quote = ""
    is_escaped = False
    start = text.rfind("\n", 0, position) + 1
    for at in range(max(start, position - _MOST_CODE_CHARS), position):
        char = text[at]
        if is_escaped:
            is_escaped = False
        elif quote:
            is_escaped = char == "\\"
            if char == quote:
                quote = ""
        elif char == "#":
            return ""
        elif char in "\"'" and _begins_text(text, start, at):
            quote = char
    return quote


def _begins_text(text: str, start: int, at: int) -> bool:
    """Whether a quote begins a quoted text, and is no apostrophe."""
    before = at
    while before > start and text[before - 1].isalnum():
        before -= 1
    return text[before:at].lower() in _TEXT_PREFIXES


def _lower(text: str) -> str:
    """The text in lower case, each character at its place: a few become two in `lower`."""
    low = text.lower()
    if len(low) == len(text):
        return low
    return "".join(char if len(char.lower()) != 1 else char.lower() for char in text)


def _full_name(text: str, end: int, rest: str) -> str:
    """The whole name, of which `rest` is the last part and begins at `end`."""
    before = text[max(0, end - 40) : end]
    start = len(before)
    while start and (before[start - 1].isalnum() or before[start - 1] in "_-."):
        start -= 1
    length = len(rest.rstrip(" \t\n\r:=>,\"'"))
    return before[start:] + text[end : end + length]


def _is_value(value: str) -> bool:
    """Whether this can be a secret: not empty, not redacted, no placeholder."""
    return (
        bool(value.strip("*"))
        and value.lower() not in _PLAIN_WORDS
        and not value.startswith(("$", "<", "{", "%("))
    )


def _is_path(value: str) -> bool:
    return value.startswith(("/", "~", "./", "../")) or value[1:3] == ":\\"


def _is_key(secret: str) -> bool:
    """Whether a text with the format of a key is one, and not words: it has digits or is long."""
    has_digit = any(character.isdigit() for character in secret)
    has_letter = any(character.isalpha() for character in secret)
    if not has_letter or len(set(secret)) < 8:
        return False
    is_mixed_case = not (secret[4:].islower() or secret[4:].isupper())
    longest = max(re.split(r"[^A-Za-z0-9]+", secret), key=len)
    return len(longest) >= 10 and (has_digit or (is_mixed_case and len(longest) >= 30))
