"""The formats of secrets that are known: keys by their format, names that tell of a secret. Pure.

`redaction` looks for them. `docs/guide/secrets.md` lists them for users. Patterns are compiled
when they are first needed: that takes some milliseconds, which most scripts never spend.

No pattern may take more than linear time. So each begins with a fixed text that does not follow a
character of its own kind, and what may repeat ends where that text may begin again.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from enum import IntEnum
from functools import cache, lru_cache
from typing import Final

import msgspec

from weft.records.secrets.service_keys import SERVICE_KEYS


class SecretFormat(msgspec.Struct, frozen=True):
    """Secrets that are known by their own format.

    Attributes:
        kind: the kind that is counted, such as `aws`.
        markers: lower-case texts, one of which is in each text that has such a secret.
        pattern: a regular expression. Its group `secret` is replaced, or all of it.
        is_checked: whether the secret must also look random, because words have this format too.
    """

    kind: str
    markers: tuple[str, ...]
    pattern: str
    is_checked: bool = False


FORMATS: Final = (
    SecretFormat(
        "private_key",
        ("-----begin",),
        r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,4}PRIVATE KEY(?: BLOCK)?-----"
        r"(?:(?:[^-]|-(?!----)){0,20000}?-?-----END [A-Z0-9 ]{0,60}-----"
        r"|(?:\s{0,3}[+ -]?[A-Za-z0-9+/=]{16,200}(?![\w+/=])){0,400})",
    ),
    SecretFormat("aws", ("akia", "asia"), r"(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{12,32}"),
    SecretFormat("aws", ("absk",), r"(?<![A-Za-z0-9])ABSK[A-Za-z0-9+/]{100,}={0,2}"),
    SecretFormat(
        "github",
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
        r"(?<![A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9]{12,}|github_pat_\w{12,})",
    ),
    SecretFormat(
        "gitlab",
        ("glpat-", "gldt-", "glrt-", "glcbt-", "glptt-", "glft-", "glimt-", "glsoat-", "glagent-"),
        r"(?<![A-Za-z0-9])gl(?:pat|dt|rt|cbt|ptt|ft|imt|soat|agent)-[\w-]{12,}",
        True,
    ),
    SecretFormat("huggingface", ("hf_",), r"(?<![A-Za-z0-9])hf_[A-Za-z0-9]{12,}", True),
    SecretFormat("openai", ("sk-",), r"(?<![A-Za-z0-9])sk-[\w-]{12,}", True),
    SecretFormat(
        "stripe",
        ("sk_live_", "rk_live_", "whsec_"),
        r"(?<![A-Za-z0-9])(?:[sr]k_live_|whsec_)[A-Za-z0-9+/]{12,}",
        True,
    ),
    SecretFormat(
        "slack",
        ("xoxa-", "xoxb-", "xoxe-", "xoxo-", "xoxp-", "xoxr-", "xoxs-", "xapp-"),
        r"(?<![A-Za-z0-9])(?:xox[abeoprs]|xapp)-[\w-]{10,}",
        True,
    ),
    SecretFormat(
        "webhook",
        ("hooks",),
        r"(?:hooks\.slack\.com/(?:services|workflows)/|discord(?:app)?\.com/api/webhooks/)"
        r"(?P<secret>[\w/-]{12,})",
    ),
    SecretFormat("google", ("aiza",), r"(?<![A-Za-z0-9])AIza[\w-]{30,}"),
    SecretFormat("google", ("ya29.",), r"(?<![A-Za-z0-9])ya29\.[\w-]{12,}"),
    SecretFormat("google", ("gocspx-",), r"(?<![A-Za-z0-9])GOCSPX-[\w-]{12,}"),
    SecretFormat("wandb", ("wandb_v1_",), r"(?<![A-Za-z0-9])wandb_v1_\w{12,}"),
    SecretFormat(
        "wandb",
        ("wandb login",),
        r"(?i:wandb login)[^\n]{0,60}?(?<![\w-])(?P<secret>[0-9a-f]{40})(?!\w)",
    ),
    SecretFormat("weft", ("weft-",), r"(?<![A-Za-z0-9])weft-[0-9a-f]{40}(?![0-9A-Za-z])"),
    SecretFormat("nvidia", ("nvapi-",), r"(?<![A-Za-z0-9])nvapi-[\w-]{12,}"),
    SecretFormat("npm", ("npm_",), r"(?<![A-Za-z0-9])npm_[A-Za-z0-9]{20,}", True),
    SecretFormat("pypi", ("pypi-",), r"(?<![A-Za-z0-9])pypi-[\w-]{40,}", True),
    SecretFormat("sendgrid", ("sg.",), r"(?<![A-Za-z0-9])SG\.[\w-]{16,32}\.[\w-]{16,64}", True),
    SecretFormat("telegram", (":aa",), r"(?<![A-Za-z0-9])\d{8,10}:AA[\w-]{33}(?![\w-])", True),
    SecretFormat(
        "databricks",
        ("dapi",),
        r"(?<![A-Za-z0-9])dapi[0-9a-f]{32}(?:-\d)?(?![0-9A-Za-z])",
    ),
    SecretFormat("mailgun", ("key-",), r"(?<![\w-])key-[0-9a-f]{32}(?![\w-])"),
    SecretFormat("neptune", ("eyjhcglfy",), r"(?<![\w-])eyJhcGlfYWRkcmVzcyI6[\w+/=-]{20,}"),
    SecretFormat("azure", ("q~",), r"(?<![\w~.-])[\w~.-]{3}[0-9]Q~[\w~.-]{31,34}(?![\w~.-])"),
    SecretFormat("alibaba", ("ltai",), r"(?<![A-Za-z0-9])LTAI[A-Za-z0-9]{16,24}(?![\w])", True),
    SecretFormat("atlassian", ("atatt3",), r"(?<![A-Za-z0-9])ATATT3[\w=-]{60,}", True),
    SecretFormat(
        "terraform", (".atlasv1.",), r"(?<![A-Za-z0-9])[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,}"
    ),
    *(
        SecretFormat(keys.kind, tuple(map(str.lower, keys.prefixes)), keys.pattern, True)
        for keys in SERVICE_KEYS
    ),
    SecretFormat("jwt", ("eyj",), r"(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]{0,4096})?"),
    SecretFormat(
        "authorization",
        ("authorization",),
        r"(?i:authorization)[\"']?\s{0,3}[:=]\s{0,3}[\"']?(?i:bearer|basic|token|digest)?\s{0,3}"
        r"(?!(?i:bearer|basic|token|digest)\b)(?P<secret>[^\s\"',;*]{4,4096})",
    ),
    SecretFormat(
        "authorization",
        ("bearer",),
        r"(?i:(?<![a-z])bearer) {1,3}(?P<secret>[\w.~+/=-]{12,})",
        True,
    ),
    SecretFormat(
        "url_password",
        ("://",),
        r"://[^\s/@:\"'<>]{0,200}:(?P<secret>[^\s/\"'<>]{1,400})@",
    ),
    SecretFormat("url_password", ("://",), r"://(?P<secret>[^\s/@:\"'<>]{16,400})@", True),
)


_MARKED: Final = r"[_.-][a-z0-9_-]{10}"
_PREFIX: Final = r"(?<![a-z0-9])[a-z0-9]{2,12}[_.-](?=[a-z0-9_-]{10})"
# Not from `string`, which compiles a pattern when it is loaded.
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz0123456789"
_PREFIXES: Final = frozenset(
    marker[len(marker[:-1].rstrip(_LETTERS)) :]
    for secret in FORMATS
    for marker in secret.markers
    if marker[-1] in "_.-"
)
"""The last word of each marker that ends with punctuation: `api_` of `lin_api_`."""

_MARKERS: Final = tuple((marker, secret) for secret in FORMATS for marker in secret.markers)


def may_hold_format(low: str) -> bool:
    """Whether lower-case text may have a marker of one of `FORMATS`.

    Takes about 1 µs for a line of 80 characters; a search for all markers takes five times as
    long.
    """
    # Written out, because a loop takes twice as long.
    return (
        "://" in low
        or "-----begin" in low
        or "akia" in low
        or "asia" in low
        or "absk" in low
        or "aiza" in low
        or "ltai" in low
        or "atatt3" in low
        or "dapi" in low
        or "eyj" in low
        or ":aa" in low
        or "q~" in low
        or "hooks" in low
        or "bearer" in low
        or "authorization" in low
        or "wandb login" in low
        or (
            compiled(_MARKED).search(low) is not None
            and not _PREFIXES.isdisjoint(compiled(_PREFIX).findall(low))
        )
    )


def formats_in(low: str) -> list[SecretFormat]:
    """Return the formats of which lower-case text has a marker."""
    return list(dict.fromkeys(secret for marker, secret in _MARKERS if marker in low))


def may_hold_name(low: str) -> bool:
    """Whether lower-case text has a part of a name that tells of a secret."""
    return (
        "key" in low
        or "token" in low
        or "secret" in low
        or "pass" in low
        or "pwd" in low
        or "credential" in low
        or "cookie" in low
        or "sig" in low
    )


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Compile a pattern once."""
    return re.compile(pattern)


class Telling(IntEnum):
    """The certainty that a name's value is a secret."""

    NO = 0
    RANDOM = 1
    """If the value looks random: `session`, `eos_token`."""
    STATED = 2
    """As an option, a config item or a variable always; in prose if the value looks random."""
    ALWAYS = 3


_ALWAYS: Final = (
    r"(?:(?:api|access|secret|private|encryption|signing|account|subscription|master|auth|license)"
    r"_?key(?:_?id)?|passw(?:or)?ds?|passphrase|client_?secret|_pwd|storage_?key)$"
)
_STATED: Final = (
    r"(?:^|[^a-z])(?:tokens?|secrets?|credentials?|cookies?|authorization|bearer|pat|pwd)$|token$"
)
_RANDOM: Final = r"(?:tokens?|secrets?|signature|sig|session_?id|key)$"
_TEXT_TOKENS: Final = (
    r"(?:^|_)(?:eos|bos|pad|unk|mask|sep|cls|stop|start|end|image|audio|video|special|additional|"
    r"think|system|user|per|of|first|last|next|prev|previous|num|n|max|min|new|total|trigger|class|"
    r"placeholder|forced|prefix|suffix|middle|blank|no|is|has|use|by|the|a|each|one|"
    r"every|s)_?tokens?$|(?:^|_)tokens$"
)
"""Tokens of text, which language models are full of."""


@lru_cache(maxsize=1024)
def telling(name: str) -> Telling:
    """Whether the value of a name, such as an option or a variable, is a secret.

    >>> [telling(name).name for name in ("--api-key", "HF_TOKEN", "eos_token", "lr")]
    ['ALWAYS', 'STATED', 'RANDOM', 'NO']
    """
    low = name[-80:].lower()
    if not may_hold_name(low) and not may_hold_format(low) and "pat" not in low:
        return Telling.NO
    low = low.strip("\"'").replace("-", "_").replace(".", "_").replace(" ", "_")
    low = low.rstrip("0123456789_")
    if compiled(_ALWAYS).search(low):
        return Telling.ALWAYS
    if compiled(_TEXT_TOKENS).search(low):
        return Telling.RANDOM
    if compiled(_STATED).search(low):
        return Telling.STATED
    return Telling.RANDOM if compiled(_RANDOM).search(low) else Telling.NO


_RANDOM_CHARACTERS: Final = r"(?a:[\w+/=.~%:!@#$^&*-]{16,4096}\Z)"
_SEGMENTS: Final = r"[^A-Za-z0-9]+"
_MIN_BITS: Final = 3.0
"""Entropy of a character: random hexadecimal has 3.4 bits in 20 characters, words below 3."""


def looks_random(value: str) -> bool:
    """Whether a value has the look of a generated key: long, mixed and without words.

    >>> looks_random("q3vXw81LmZ0pT7aB"), looks_random("layers.10.attention.weight")
    (True, False)
    """
    if not compiled(_RANDOM_CHARACTERS).match(value) or value[0] in "/~.":
        return False
    longest = max(compiled(_SEGMENTS).split(value), key=len)
    has_digit = any(character.isdigit() for character in value)
    has_letter = any(character.isalpha() for character in value)
    is_mixed_case = len(longest) >= 24 and not (longest.islower() or longest.isupper())
    if len(longest) < 12 or not has_letter or not (has_digit or is_mixed_case):
        return False
    return _entropy_bits(value[:256]) >= _MIN_BITS


def _entropy_bits(value: str) -> float:
    """Shannon's entropy of the characters of `value`, in bits a character."""
    n = len(value)
    return -sum(count / n * math.log2(count / n) for count in Counter(value).values())
