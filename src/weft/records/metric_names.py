"""Guesses from the name of a metric: its goal, and whether people look at it first. Pure.

The web app makes the same guesses of the same words: `METRIC_WORDS` is in its `lists.gen.ts`. They
are patterns that Python and JavaScript read alike.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final

from weft.records.definition import Goal

METRIC_WORDS: Final = {
    # metrics that fall while training goes well; a compound of loss or error, `logloss`, does, too
    "falling": "[a-z]*loss|[a-z]*error|err|perplexity|ppl|nll|[wc]er|(?:nr|r|n)?mse|r?msle|mae|"
    "s?mape|fid|lpips|d?rmsd|fape|clash(?:es)?|regret|latency|(?:run|wall)?time",
    # metrics that rise while training goes well
    "rising": "m?ap|acc|accuracy|auc|auroc|f1|precision|recall|score|rewards?|returns?|bleu|rouge|"
    "m?iou|dice|psnr|ssim|p?lddt|gdt|r2|ndcg|mrr|throughput|per_sec(?:ond)?",
    # words behind a metric's name that tell of which part or kind it is: `acc_top5`, `loss_val`
    "qualifier": r"top\d*|\d+|macro|micro|weighted|roc|[ln]|lsum|mean|avg|ema|train|val|valid|"
    "test|eval|ca",
    "held_out": "^(?:val|valid|validation|eval|evaluation|test|dev)[-/_.]",
    # names of scores; short ones only at the start of a word, as `power` ends with `wer`
    "score": "loss|error|score|(?<![a-z])(?:acc|m?iou|f1|[pr]?r?auc|auroc|m?ap|wer|cer|[nr]*mse|"
    "mae|bleu|rouge|recall|precision|ndcg|mrr|hit)",
    "likely": "loss|reward|return|acc|score",
    "counter": r"(?:^|\/)(?:(?:global|train|trainer)_)?(?:epochs?|steps?|iter(?:ation)?s?)$",
    # names of settings that follow a schedule, such as the learning rate
    "scheduled": "(?:^|[-/_.])(?:lr|learning_?rate|weight_?decay|momentum)(?:$|[-/_.])",
    # how long something took: `fit_seconds`, `time/step_ms`
    "duration": r"(?:^|[-/_.])(?:secs?|seconds?|millis|ms|minutes?|hours?|duration|latency|"
    r"(?:[a-z]+_?)?time)$",
    # parts of a name that stand for the whole, not for a slice of it
    "whole": "^(?:all|overall|total|avg|mean|macro|micro)$",
}
"""Patterns by their role; letters match in either case."""

_METRIC: Final = re.compile(
    f"(?<![a-z])(?:({METRIC_WORDS['falling']})|({METRIC_WORDS['rising']}))"
    rf"\d*(?:_(?:{METRIC_WORDS['qualifier']}))*(?![a-z0-9_])",
    re.IGNORECASE,
)
_LIKELY: Final = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        f"{METRIC_WORDS['held_out']}.*(?:{METRIC_WORDS['score']})",
        METRIC_WORDS["held_out"],
        METRIC_WORDS["likely"],
    )
]
"""Names of key metrics; better guesses first."""

_COUNTER: Final = re.compile(METRIC_WORDS["counter"], re.IGNORECASE)
_UNLIKELY: Final = re.compile(
    f"{METRIC_WORDS['scheduled']}|{METRIC_WORDS['duration']}", re.IGNORECASE
)
_WHOLE: Final = re.compile(METRIC_WORDS["whole"], re.IGNORECASE)
_MOST_PARTS: Final = 9


def aim_of(metric: str) -> Goal | None:
    """The goal that a metric's name tells, of several metrics in it the last; None if none does.

    >>> aim_of("val/loss"), aim_of("valLoss"), aim_of("acc_top5"), aim_of("error/recall")
    ('minimize', 'minimize', 'maximize', 'maximize')
    >>> aim_of("loss_scale"), aim_of("power")
    (None, None)
    """
    words = re.sub("([a-z]{2})([A-Z])", r"\1_\2", metric)
    goals: list[Goal] = [
        "minimize" if match[1] else "maximize" for match in _METRIC.finditer(words)
    ]
    return goals[-1] if goals else None


def likelihood_rank(metric: str) -> float:
    """The rank of a metric among those that people look at first: 0 is the likeliest, a name that
    tells a goal comes before others, a learning rate and durations behind what was measured,
    counters come last. Of equally likely ones, fewer slices of the data come first.

    >>> names = ["epoch", "lr", "val/de/acc", "fit_seconds", "train/loss", "val/acc", "norm", "r2"]
    >>> sorted(names, key=likelihood_rank)
    ['val/acc', 'val/de/acc', 'train/loss', 'r2', 'norm', 'lr', 'fit_seconds', 'epoch']
    """
    parts = [part for part in metric.split("/") if not _WHOLE.match(part)]
    return _guess_rank(metric) + min(len(parts), _MOST_PARTS) / (_MOST_PARTS + 1)


def first_metrics(metrics: Sequence[str], *, axes: Collection[str] = (), n_most: int) -> list[str]:
    """The metrics that people look at first, of many.

    Args:
        axes: metrics that are x axes; they come last.

    >>> first_metrics(["time", "loss", "acc"], axes=["loss"], n_most=2)
    ['acc', 'time']
    """
    return sorted(metrics, key=lambda metric: (metric in axes, likelihood_rank(metric)))[:n_most]


def _guess_rank(metric: str) -> int:
    n = len(_LIKELY)
    if _COUNTER.search(metric):
        return n + 3
    if _UNLIKELY.search(metric):
        return n + 2
    aimed = n if aim_of(metric) else n + 1
    return next((rank for rank, pattern in enumerate(_LIKELY) if pattern.search(metric)), aimed)
