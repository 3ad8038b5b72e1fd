"""Series for charts: exact buckets of any range, expressions and groups, panel by panel.

Receives questions from `http.metrics.charts`, finds their runs, and has `charting.drawing` query
the project's metric store.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Final

import msgspec

from weft.errors import ConfigError, LimitExceeded
from weft.records.limits import MAX_REQUEST_EXPRESSIONS, REQUEST_EXPRESSION_SECS
from weft.server.services.access.actors import Actor
from weft.server.services.access.cancellation import Cancellation
from weft.server.services.access.paths import ProjectPath
from weft.server.services.access.permissions import Action, require
from weft.server.services.charting.answers import PanelAnswer
from weft.server.services.charting.drawing import draw_panel
from weft.server.services.charting.expressions.curve_cache import CurveCache
from weft.server.services.charting.histograms import HistogramFold
from weft.server.services.charting.panel_runs import (
    PanelRun,
    add_config,
    add_process_times,
    find_runs,
    find_runs_on,
    panel_runs,
)
from weft.server.services.charting.questions import (
    CheckedQuestion,
    check_histograms,
    check_question,
)
from weft.server.services.stores.stores import Stores
from weft.server.storage.contract import ObjectPoint
from weft.wire.metrics.charts import MAX_PANELS, HistogramQuery, HistogramSeries, PanelQuery

PANEL_SECS: Final = 30.0
"""Time limit for the expressions of one panel."""


class SeriesService:
    """Answers chart queries."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._curves = CurveCache()
        stores.live.watchers.append(self._curves.note_change)

    def panels(
        self,
        actor: Actor,
        path: ProjectPath,
        questions: Sequence[PanelQuery],
        waits: Cancellation | None = None,
        *,
        full: bool = False,
        reasons: bool = False,
    ) -> PanelAnswers:
        """Answer the questions in order. The call checks all of them; each `next` computes one.

        `full` adds each series' first nonfinite value; `reasons` the series without points, with
        the reason. LimitExceeded for more than 100,000 series in a question, or
        `MAX_REQUEST_EXPRESSIONS` expressions in all. A `next` raises Cancelled if `waits` was
        cancelled.
        """
        require(actor, Action.READ, path)
        if len(questions) > MAX_PANELS:
            raise ConfigError(f"at most {MAX_PANELS} panels in one question", field="panels")
        n_expressions = sum(len(question.expressions) for question in questions)
        if n_expressions > MAX_REQUEST_EXPRESSIONS:
            raise LimitExceeded(
                f"a request has at most {MAX_REQUEST_EXPRESSIONS:,} expressions in all its "
                f"panels, not {n_expressions:,}: ask for the panels in several requests"
            )
        checked = [_checked(n, question) for n, question in enumerate(questions)]
        project_id = self._stores.find_project(path)
        shared = _PageQuestions(
            self._stores,
            self._curves,
            path,
            project_id,
            checked,
            waits or Cancellation(),
            full=full,
            reasons=reasons,
        )
        return PanelAnswers(shared)

    def histograms(
        self,
        actor: Actor,
        path: ProjectPath,
        question: HistogramQuery,
        waits: Cancellation | None = None,
    ) -> list[HistogramSeries]:
        """Histograms of metrics over an axis; series without histograms are left out."""
        require(actor, Action.READ, path)
        check_histograms(question)
        waits = waits or Cancellation()
        project_id = self._stores.find_project(path)
        runs = find_runs_on(self._stores, path, project_id, question.runs, question.axis)
        fold = HistogramFold(question.lo, question.hi, question.n_columns)
        with self._stores.metrics.use(project_id) as store:
            for run in runs:
                for key in dict.fromkeys(question.keys):
                    axis = run.axis_of(key, question.axis, question.axis_metric)
                    points = store.objects(
                        run.run,
                        key,
                        axis,
                        lo=question.lo,
                        hi=question.hi,
                        sources=run.sources,
                        bases=run.bases,
                    )
                    fold.add(run.run, key, _while_waited_for(points, waits), axis.metric)
        return fold.series({run.run: run.origin_micros for run in runs})


@dataclass(frozen=True, slots=True)
class _PageQuestions:
    """The checked questions of a page."""

    stores: Stores
    curves: CurveCache
    path: ProjectPath
    project_id: int
    questions: Sequence[CheckedQuestion]
    waits: Cancellation
    full: bool
    reasons: bool


class PanelAnswers(Iterator[PanelAnswer]):
    """The answers to a page's panels, each computed at its `next`.

    Raises at a `next` or `is_next_slow`:
        Cancelled: `waits` was cancelled.
    """

    def __init__(self, shared: _PageQuestions) -> None:
        self._shared = shared
        self._at = 0
        # Most panels of a page show the same runs, so the last list of runs is cached.
        self._runs_name: bytes | None = None
        self._runs: list[PanelRun] = []
        self._expression_secs = REQUEST_EXPRESSION_SECS

    def is_next_slow(self) -> bool:
        """Whether the next panel joins points or computes expressions, instead of reading cells.

        May have to read the panel's runs, because they define which metric is whose x axis.
        """
        if self._at == len(self._shared.questions):
            return False
        question = self._shared.questions[self._at]
        query = question.query
        if question.expressions or query.axis in {"metric", "expression"}:
            return True
        if query.axis != "defined":
            return False
        self._shared.waits.check()
        runs = [run for run in self._runs_of(question) if run.axes is not None]
        return any(run.defined_axis(key).metric is not None for run in runs for key in query.keys)

    def __next__(self) -> PanelAnswer:
        shared = self._shared
        if self._at == len(shared.questions):
            raise StopIteration
        question = shared.questions[self._at]
        shared.waits.check()
        runs = self._runs_of(question)
        baseline = None
        if question.query.baseline is not None:
            baseline_runs = find_runs(shared.stores, shared.project_id, [question.query.baseline])
            if question.query.axis == "time":
                add_process_times(shared.stores, shared.path, baseline_runs)
            add_config(shared.stores, shared.project_id, baseline_runs, question.config_paths)
            baseline = next(iter(baseline_runs), None)
        began_secs = monotonic()
        # Acquired for each panel, so that a slow reader does not keep a deleted project's file.
        with shared.stores.metrics.use(shared.project_id) as store:
            answer = draw_panel(
                store,
                shared.curves,
                shared.path,
                shared.project_id,
                question,
                runs,
                baseline,
                shared.waits,
                expression_secs=min(PANEL_SECS, self._expression_secs),
                full=shared.full,
                reasons=shared.reasons,
            )
        if question.query.expressions:
            self._expression_secs = max(0.0, self._expression_secs - (monotonic() - began_secs))
        self._at += 1
        return answer

    def _runs_of(self, question: CheckedQuestion) -> list[PanelRun]:
        name = _name_of_runs(question)
        if name != self._runs_name:
            shared = self._shared
            self._runs = panel_runs(shared.stores, shared.path, shared.project_id, question)
            self._runs_name = name
        return self._runs


def _while_waited_for(points: Iterable[ObjectPoint], waits: Cancellation) -> Iterator[ObjectPoint]:
    for point in points:
        waits.check()
        yield point


def _checked(n: int, question: PanelQuery) -> CheckedQuestion:
    try:
        return check_question(question)
    except ConfigError as error:
        error.field = ".".join(filter(None, ("panels", str(n), error.field)))
        raise


def _name_of_runs(question: CheckedQuestion) -> bytes:
    """A cache key of everything that determines a panel's runs and what is read of them."""
    query = question.query
    columns = None if query.group is None else query.group.by
    return msgspec.json.encode(
        (
            *(query.runs, query.filter, query.order, query.limit),
            *(query.axis == "defined", query.axis == "time", query.by, columns),
            question.config_paths,
        )
    )
