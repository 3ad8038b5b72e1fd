"""Series for charts: exact buckets of any range, expressions, groups; panel by panel.

Receives questions from `http.series`; finds the runs they are about, and has `charting` ask the
project's metric store.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from weft.errors import ConfigError
from weft.server.services.actors import Actor
from weft.server.services.cancellation import Cancellation
from weft.server.services.charting.answers import PanelAnswer
from weft.server.services.charting.drawing import draw_panel
from weft.server.services.charting.expressions.kept_curves import KeptCurves
from weft.server.services.charting.histograms import HistogramFold, HistogramSeries
from weft.server.services.charting.panel_runs import PanelRun, find_runs, panel_runs
from weft.server.services.charting.questions import (
    CheckedQuestion,
    HistogramQuestion,
    PanelQuestion,
    check_histograms,
    check_question,
)
from weft.server.services.context import Stores
from weft.server.services.permissions import Action, ProjectPath, require
from weft.server.storage.contract import ObjectPoint, Place

MAX_PANELS: Final = 1000


class SeriesService:
    """Answers charts."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._kept = KeptCurves()
        stores.live.watchers.append(self._kept.note_change)

    def panels(
        self,
        actor: Actor,
        entity: str,
        project: str,
        questions: Sequence[PanelQuestion],
        waits: Cancellation | None = None,
        *,
        full: bool = False,
        reasons: bool = False,
    ) -> Iterator[PanelAnswer]:
        """Answer each question in the order asked. Checks run at the call, work at each `next`.

        Args:
            waits: cancelled when nobody waits for the answer any more.
            full: also say where each series' first non-finite value is.
            reasons: also give the series that have no points, and why.

        Raises:
            NotFound: there is no such project.
            ConfigError: a question asks for what there can't be.
            LimitExceeded: a question asks for more than 100,000 series.
            Cancelled: at a `next`, as `waits` says.
        """
        require(actor, Action.READ, ProjectPath(entity, project))
        if len(questions) > MAX_PANELS:
            raise ConfigError(f"at most {MAX_PANELS} panels in one question", field="panels")
        checked = [_checked(n, question) for n, question in enumerate(questions)]
        project_id = self._stores.find_project(entity, project)
        waits = waits or Cancellation()
        return self._answers((entity, project), project_id, checked, waits, full, reasons)

    def histograms(
        self,
        actor: Actor,
        entity: str,
        project: str,
        question: HistogramQuestion,
        waits: Cancellation | None = None,
    ) -> list[HistogramSeries]:
        """Histograms of metrics over an axis; series without any are left out.

        Raises:
            NotFound: there is no such project.
            ConfigError: the question asks for what there can't be.
            LimitExceeded: it asks for more than 1,000 series.
            Cancelled: as `waits` says.
        """
        require(actor, Action.READ, ProjectPath(entity, project))
        check_histograms(question)
        waits = waits or Cancellation()
        project_id = self._stores.find_project(entity, project)
        runs = find_runs(self._stores, project_id, list(dict.fromkeys(question.runs)))
        fold = HistogramFold(question.lo, question.hi, question.n_columns)
        place = Place(question.axis, question.axis_metric)
        with self._stores.metrics.use(project_id) as store:
            for run in runs:
                for key in dict.fromkeys(question.keys):
                    points = store.objects(
                        run.run,
                        key,
                        place,
                        lo=question.lo,
                        hi=question.hi,
                        sources=run.sources,
                    )
                    fold.add(run.run, key, _while_waited_for(points, waits))
        return fold.series({run.run: run.origin_micros for run in runs})

    def _answers(
        self,
        project: tuple[str, str],
        project_id: int,
        questions: Sequence[CheckedQuestion],
        waits: Cancellation,
        full: bool,
        reasons: bool,
    ) -> Iterator[PanelAnswer]:
        stores = self._stores
        known: dict[bytes, list[PanelRun]] = {}
        for question in questions:
            waits.check()
            # Panels of a page are mostly about the same runs.
            name = _name_of_runs(question)
            if name not in known:
                known = {name: panel_runs(stores, project_id, question)}
            runs = known[name]
            baseline = None
            if question.asked.baseline is not None:
                baseline = next(
                    iter(find_runs(stores, project_id, [question.asked.baseline])), None
                )
            # Taken anew for each panel: a slow reader must not keep a deleted project's file.
            with stores.metrics.use(project_id) as store:
                answer = draw_panel(
                    store,
                    self._kept,
                    project,
                    project_id,
                    question,
                    runs,
                    baseline,
                    waits,
                    full=full,
                    reasons=reasons,
                )
            yield answer


def _while_waited_for(points: Iterable[ObjectPoint], waits: Cancellation) -> Iterator[ObjectPoint]:
    for point in points:
        waits.check()
        yield point


def _checked(n: int, question: PanelQuestion) -> CheckedQuestion:
    try:
        return check_question(question)
    except ConfigError as error:
        error.field = ".".join(filter(None, ("panels", str(n), error.field)))
        raise


def _name_of_runs(question: CheckedQuestion) -> bytes:
    """All that decides which runs a panel shows, and what is known of them."""
    asked = question.asked
    columns = None if asked.group is None else asked.group.by
    return msgspec.json.encode(
        (
            *(asked.runs, asked.filter, asked.order, asked.limit),
            *(asked.axis == "defined", asked.by, columns),
        )
    )
