/** The line panel: asks for its curves while it is in view, and shows them with legend, flags and notes. */

import { useQueryClient } from "@tanstack/react-query";
import {
  lazy,
  memo,
  type RefObject,
  Suspense,
  useCallback,
  useContext,
  useEffect,
  useRef,
  useState,
} from "react";
import type { LineView } from "@/charts/line/curve";
import type { LineChart as Chart } from "@/charts/line/line";
import { type Mark, onlyMetricOf } from "@/data/view/panel";
import { panelNames } from "@/data/view/panel-names";
import { attempt } from "@/ui/overlays/toasts";
import { PanelFrame, staleOf, usePanelBox } from "../frame/panel-frame";
import type { PanelProps } from "../panel-props";
import { SharedRangesContext } from "../plot/shared-ranges";
import { noteDrawnCurves } from "./curves/drawn-curves";
import { isAnswered, type LineData, useLineData } from "./curves/use-line-data";
import { useLineView } from "./curves/use-line-view";
import { LineFlags } from "./frame/line-flags";
import { notesOf } from "./frame/line-notes";
import { stateOfLine } from "./frame/line-state";
import { type ExportKind, LineMenu } from "./line-menu";
import { LineChart } from "./plot/line-chart";
import { SingleEntry, useSingleBars } from "./single-bars";
import { useStragglers } from "./stragglers";
import "./line.css";

const LineFull = lazy(() => import("./line-full").then((file) => ({ default: file.LineFull })));
const LineSide = lazy(() => import("./line-full").then((file) => ({ default: file.LineSide })));
const LineTools = lazy(() => import("./line-tools"));

export const LinePanel = memo(function LinePanel(props: PanelProps) {
  const { panel, settings, isFull, isEdited } = props;
  const ownBox = usePanelBox(isFull);
  // panels that share ranges are drawn out of view, too: else the ranges are unknown
  const isSharing = useContext(SharedRangesContext) !== null && (settings.hasSharedX || settings.hasSharedY);
  const box = isSharing ? { ...ownBox, isOn: true } : ownBox;
  const data = useLineData(props, props.zoom, box.isOn, box.width);
  const { curves } = data;
  const shown = useLineView(props, data, box.isOn);
  const { view, axis } = shown;
  useEffect(() => (isEdited ? noteDrawnCurves(panel.id, curves) : undefined), [isEdited, panel.id, curves]);
  const stragglers = useStragglers(curves, settings.by !== null);
  const [placing, setPlacing] = useState<Mark["kind"] | null>(null);
  const [hasFadedBands, setHasFadedBands] = useState(false);
  const chart = useRef<Chart | null>(null);
  const onChart = useCallback((instance: Chart | null) => {
    chart.current = instance;
  }, []);
  const onExport = useExport(props, data, view, chart);
  // a bar has no x: runs with another x axis have theirs
  const { isSingle, bars } = useSingleBars(props, data.allCurves);
  const isWhole = isFull && !bars;
  const content = bars?.content ?? (
    <LineChart
      of={props}
      shown={shown}
      curves={curves}
      legendCurves={stragglers.curves}
      width={box.width}
      placing={placing}
      onPlacing={setPlacing}
      onChart={onChart}
      onFadedBands={setHasFadedBands}
    />
  );
  return (
    <PanelFrame
      of={props}
      box={box}
      metric={panel.keys[0]}
      hasExport={!bars}
      notes={bars?.notes ?? notesOf(props, curves, view.bounds, axis, hasFadedBands)}
      flags={
        <LineFlags
          of={props}
          data={data}
          straggler={stragglers.straggler}
          hasFadedBands={hasFadedBands}
          nAway={bars ? 0 : data.allCurves.length - curves.length}
        />
      }
      state={stateOfLine(props, data)}
      stale={staleOf(data.query)}
      menu={
        <>
          {isSingle && <SingleEntry of={props} />}
          {!bars && <LineMenu of={props} onExport={onExport} onPlaceMark={setPlacing} />}
        </>
      }
      tools={
        isWhole && (
          <Suspense>
            <LineTools of={props} onExport={onExport} />
          </Suspense>
        )
      }
      side={
        isWhole && (
          <Suspense>
            <LineSide of={props} data={data} view={view} onPlaceMark={setPlacing} />
          </Suspense>
        )
      }
    >
      {isWhole ? (
        <Suspense>
          <LineFull of={props} data={data} view={view} width={box.width}>
            {content}
          </LineFull>
        </Suspense>
      ) : (
        content
      )}
    </PanelFrame>
  );
});

/** Exports the chart or its data; null until the answer to the panel's question has come. */
function useExport(
  { panel, project }: PanelProps,
  data: LineData,
  view: LineView,
  chart: RefObject<Chart | null>,
): ((kind: ExportKind) => Promise<void>) | null {
  const title = panelNames(panel).whole;
  const client = useQueryClient();
  const exportAs = (kind: ExportKind) =>
    attempt("Could not export", async () => {
      const { exportLine } = await import("./export-line");
      await exportLine(kind, {
        title,
        metric: title === onlyMetricOf(panel) ? null : onlyMetricOf(panel),
        chart: chart.current,
        curves: data.curves,
        view,
        project,
        client,
        request: data.request,
        besideRequest: data.besideRequest,
      });
    });
  return isAnswered(data) ? exportAs : null;
}
