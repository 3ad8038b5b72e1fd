/**
 * Detail for logarithmic x axes: buckets of one width are far too wide at the small end.
 *
 * A million steps in 400 buckets begin with one of 4,096 steps, which is more than half of a log axis. So the
 * beginning is asked for again, and its beginning, each sixteen times as fine: all in one further request.
 */

import type { PanelSeries, SeriesColumns } from "@/data/curves/columns";
import type { AxisKind } from "@/data/view/settings";

/** Up to so many buckets from 0, those of the next finer piece are drawn: none is wider than 1/16 of its x. */
const REACH = 16;
/** Gives buckets of 1/16 of the width before. */
const N_BUCKETS = REACH * REACH;
/** Five decades finer than the whole. */
const MAX_PIECES = 4;

/** The part of a request that decides how fine its answer is. */
interface Detail {
  readonly axis: AxisKind;
  readonly lo: number | null;
  readonly hi: number | null;
  readonly nBuckets: number;
  readonly bounds?: unknown;
}

/** @param load asks one question; those of the same moment share a request */
export async function loadLogDetail<Question extends Detail>(
  load: (panel: Question) => Promise<PanelSeries>,
  panel: Question,
): Promise<PanelSeries> {
  const whole = await load(panel);
  const level = whole.series[0]?.level ?? 0;
  const isBySteps =
    panel.axis === "step" ||
    (panel.axis === "defined" && whole.series.every(({ axisMetric }) => axisMetric === ""));
  const ends = pieceEnds(level, panel, isBySteps);
  if (ends.length === 0) return whole;
  const pieces = await Promise.all(
    ends.map((hi) => load({ ...panel, hi, nBuckets: N_BUCKETS, bounds: null })),
  );
  const byName = pieces.map(({ series }) => new Map(series.map((columns) => [nameOf(columns), columns])));
  const series = whole.series.map((columns) => {
    const finer = ends.flatMap((end, i) => {
      const finerColumns = byName[i]?.get(nameOf(columns));
      return finerColumns ? [{ end, columns: finerColumns }] : [];
    });
    return { ...columns, finer };
  });
  const nBytes = pieces.reduce((sum, piece) => sum + piece.nBytes, whole.nBytes);
  return { ...whole, series, nBytes };
}

/** Where the finer pieces end, the finest first. */
function pieceEnds(level: number, { lo, hi }: Detail, isBySteps: boolean): number[] {
  const ends: number[] = [];
  // steps are whole: one step in a bucket is as fine as it gets
  const finest = isBySteps ? 0 : Number.NEGATIVE_INFINITY;
  for (let at = level; at > finest && ends.length < MAX_PIECES; at -= Math.log2(REACH)) {
    const end = 2 ** at * REACH;
    if (end <= (lo ?? 0)) break;
    if (hi === null || end < hi) ends.unshift(end);
  }
  return ends;
}

function nameOf({ run, key, part, group }: SeriesColumns): string {
  return [run, key, part, group].join("\n");
}
