/**
 * The line panel over the whole page: below the chart the whole range with a brush, at the right the values
 * under the crosshair and the marks.
 */

import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useMemo } from "react";
import { runQuery } from "@/api/runs/run";
import type { LineView } from "@/charts/line/curve";
import { buildChart } from "@/charts/line/line-build";
import { formatNoun } from "@/data/text/format";
import type { Mark } from "@/data/view/panel";
import { isTouch } from "@/ui/hooks/use-phone";
import { KeyHint } from "@/ui/keys/key-hint";
import type { PanelProps } from "../panel-props";
import { Plot } from "../plot/plot";
import { useCurveFigures, useFirstNonfinite, useLastValues } from "./curves/use-last-values";
import { isAnswered, type LineData, useLineData } from "./curves/use-line-data";
import { LineValues } from "./line-values";
import { MarksList } from "./marks/marks-list";
import { RangeBrush } from "./range-brush";

/** Room around a mark that is shown, as a part of the range. */
const ROOM = 0.05;

/** The chart's column: the chart itself, the brush, what the keys do. */
export function LineFull(props: {
  of: PanelProps;
  data: LineData;
  view: LineView;
  width: number;
  children: ReactNode;
}) {
  const { of, data, view, width, children } = props;
  const { panel, zoom, onZoom } = of;
  const uncut = useMemo(() => ({ ...of.settings, hasLongRuns: true }), [of.settings]);
  const whole = useLineData({ ...of, settings: uncut }, null, true, width);
  const shown = zoom ?? (data.cut && ([data.cut.whole[0], data.cut.end] as const));
  const mini = useMemo(
    (): LineView => ({
      ...view,
      zoom: null,
      cutAt: null,
      sharedX: null,
      sharedY: null,
      hasRaw: false,
      hasNonfinite: false,
      hasClips: false,
      band: "none",
      marks: [],
      events: [],
      yEnds: [null, null],
    }),
    [view],
  );
  const built = useMemo(() => buildChart(whole.curves, mini), [whole.curves, mini]);
  // without a curve the range is made up, and the range of the earlier question may be over another axis
  const isKnown = whole.curves.length > 0 && !whole.query.isPlaceholderData;
  const nPoints = data.curves.reduce((n, curve) => n + curve.columns.nPoints, 0);
  return (
    <div className="whole-body">
      {children}
      <RangeBrush
        axis={built.axis}
        whole={built.x}
        isKnown={isKnown}
        zoom={shown}
        onZoom={(range) => onZoom(panel.id, range)}
      >
        <Plot title="The whole range" sources={whole.curves} view={mini} isStill onZoom={ignore} />
      </RangeBrush>
      <div className="whole-foot">
        <span>
          <KeyHint keys="←" /> <KeyHint keys="→" /> other panels
        </span>
        <span>drag to zoom, {isTouch() ? "double-tap" : "double-click"} to reset</span>
        <span>
          <KeyHint keys="Shift" /> drag to move
        </span>
        <span className="grow" />
        <span className="tn">
          {formatNoun(data.curves.length, "curve")} of {formatNoun(nPoints, "point")}
          {shown && " in and around this range"}, min and max of all of them
        </span>
      </div>
    </div>
  );
}

function ignore(): void {}

/** The column at the right. It builds the chart once more: what the chart itself has drawn is not React's. */
export function LineSide(props: {
  of: PanelProps;
  data: LineData;
  view: LineView;
  onPlaceMark(kind: Mark["kind"]): void;
}) {
  const { of, data, view, onPlaceMark: onPlace } = props;
  const { curves } = data;
  const built = useMemo(() => buildChart(curves, view), [curves, view]);
  const lasts = useLastValues(of.project, data, isAnswered(data));
  const figures = useCurveFigures(of.project, data, view, isAnswered(data));
  const firstNonfinite = useFirstNonfinite(of.project, data, isAnswered(data));
  const { panel, settings, runs, baseline, onChange, onZoom } = of;
  const isLessBetter = useGoal(of);
  const span = built.x[1] - built.x[0];
  const hasBase = settings.hasBaseline && baseline !== null;
  return (
    <>
      <LineValues
        built={built}
        lasts={lasts}
        figures={figures}
        isByPart={settings.by !== null}
        isZoomed={of.zoom !== null}
        center={settings.center}
        isLessBetter={isLessBetter}
      />
      <MarksList
        panel={panel}
        built={built}
        firstNonfinite={firstNonfinite}
        runs={runs}
        onMarks={of.isReadOnly ? null : (marks) => onChange(panel.id, { marks })}
        onPlaceMark={onPlace}
        onGo={(x) => onZoom(panel.id, [x - span * ROOM, x + span * ROOM])}
      />
      {hasBase && <div className="side-foot">change against {baseline.name}</div>}
    </>
  );
}

/** Whether less is better of the panel's metric, as a run has defined it; null: not defined. */
function useGoal({ project, panel, runs, baseline }: PanelProps): boolean | null {
  const run = baseline?.id ?? runs[0]?.id ?? "";
  const { data } = useQuery({ ...runQuery(project, run), enabled: run !== "" });
  const [key] = panel.keys;
  const definition = data?.definitions?.find(({ name }) => name === key);
  if (panel.keys.length !== 1 || !definition?.goal) return null;
  return definition.goal === "minimize";
}
