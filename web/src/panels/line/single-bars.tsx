/** Metrics with one value per run: which panels have them, and their bars, notes and entry in the menu. */

import { lazy, type ReactNode, Suspense, useMemo } from "react";
import type { Curve } from "@/charts/line/curve";
import { bandOf } from "@/charts/line/line-build";
import { orderNote } from "@/data/metrics/goal";
import { formatCount } from "@/data/text/format";
import { autoMetricOf } from "@/data/view/panel";
import { panelNames } from "@/data/view/panel-names";
import { MenuItem } from "@/ui/overlays/menu";
import { useGoal } from "../over-runs/use-goal";
import type { PanelProps } from "../panel-props";
import { areSpread, fewMoreValues, hasNonfinite, singleValues } from "./curves/single-values";
import { groupNotes } from "./frame/line-notes";
import { lineOptions } from "./options";

const LineBars = lazy(() => import("./line-bars").then((file) => ({ default: file.LineBars })));
const LineLastBars = lazy(() => import("./line-bars").then((file) => ({ default: file.LineLastBars })));

interface SingleBars {
  /** Each run has one value, but for a few, in a panel that is the metric's own. */
  readonly isSingle: boolean;
  /** Null: the panel draws curves. */
  readonly bars: { readonly content: ReactNode; readonly notes: string[] } | null;
}

/** The bars of a panel whose runs or groups have one value each; those of a group may be at several x, and a few runs may have more. */
export function useSingleBars(props: PanelProps, curves: readonly Curve[]): SingleBars {
  const { panel, settings, zoom, project } = props;
  // in a part of x, long runs have one point, too
  const isWhole = zoom === null && settings.xEnds.every((end) => end === null);
  const isOwn = isWhole && autoMetricOf(panel.id) !== null;
  const values = useMemo(() => (isOwn ? singleValues(curves) : null), [isOwn, curves]);
  const isSpread = useMemo(() => isOwn && areSpread(curves), [isOwn, curves]);
  const nMore = useMemo(() => (isOwn ? fewMoreValues(curves) : 0), [isOwn, curves]);
  const isSingle = values !== null || isSpread || nMore > 0;
  const hasBars = isSingle && lineOptions(panel).single === "bars";
  const metric = panel.keys[0] ?? "";
  const goal = useGoal(project, metric, hasBars);
  if (!hasBars) return { isSingle, bars: null };
  const title = panelNames(panel).whole;
  const band = bandOf(curves, settings);
  const content = values ? (
    <LineBars of={props} title={title} values={values} band={band} />
  ) : (
    <LineLastBars of={props} title={title} hasMore={nMore > 0} band={band} />
  );
  // values that are not finite have no bar
  const nAway = curves.length - (values?.length ?? curves.length);
  const notes = [
    orderNote(metric, goal),
    ...groupNotes(props, curves, false),
    ...(nMore > 0 ? [curves.some(hasNonfinite) ? "last finite values" : "last values"] : []),
    ...(nAway > 0 ? [`${formatCount(nAway)} NaN or infinite`] : []),
  ];
  return { isSingle, bars: { content: <Suspense>{content}</Suspense>, notes } };
}

/** The entry of the menu that draws single values the other way. */
export function SingleEntry({ of: { panel, onChange } }: { of: PanelProps }) {
  const isBars = lineOptions(panel).single === "bars";
  const single = isBars ? "points" : "bars";
  return (
    <MenuItem
      icon={isBars ? "chart" : "bars"}
      onChoose={() => onChange(panel.id, { options: { ...panel.options, single } })}
    >
      {isBars ? "Draw as points" : "Draw as bars"}
    </MenuItem>
  );
}
