/** The charts that the shown runs logged under a key, at a step: in one drawing, or side by side. */

import { useQuery } from "@tanstack/react-query";
import { memo, useMemo } from "react";
import { type ChartPreset, chartPresetsQuery } from "@/api/files/tables";
import { stepText } from "@/data/media/steps";
import { noneHas } from "@/data/text/counted";
import { formatCount, formatNoun } from "@/data/text/format";
import { panelNames } from "@/data/view/panel-names";
import { useStable } from "@/ui/hooks/use-stable";
import { MenuItem } from "@/ui/overlays/menu";
import { PanelFrame, type PanelState, staleOf, stateOf, usePanelBox } from "../frame/panel-frame";
import { FirstRunsFlag } from "../media/first-runs-flag";
import { StepBar } from "../media/step-bar";
import { useMediaAtStep } from "../media/use-media-at-step";
import type { PanelProps } from "../panel-props";
import { Legend } from "../plot/legend";
import { TablePanel } from "../table/table-panel";
import { ChartFaults, FaultsFlag } from "./chart-faults";
import { ChartPlots } from "./chart-plots";
import { chartEntries, commonTitle, type Drawing, drawingsOf, rowsText } from "./drawings";
import { chartFaults } from "./faults";
import { chartOptions } from "./options";
import { useChartRows } from "./use-chart-rows";
import { useLastComplete } from "./use-last-complete";
import "../media/media.css";

const NO_PRESETS: readonly ChartPreset[] = [];
const NO_DRAWINGS: readonly Drawing[] = [];

export const ChartPanel = memo(function ChartPanel(props: PanelProps) {
  const { panel, onChange } = props;
  const { isTable } = chartOptions(panel);
  const onTable = useStable((next: boolean) =>
    onChange(panel.id, { options: { ...panel.options, isTable: next } }),
  );
  const onChart = useStable(() => onTable(false));
  return isTable ? (
    <TablePanel {...props} onChart={onChart} />
  ) : (
    <DrawnPanel {...props} onTable={() => onTable(true)} />
  );
});

function DrawnPanel(props: PanelProps & { onTable(): void }) {
  const { panel, project, runs, step, hasLegend = true, onStep, onChange, onTable } = props;
  const box = usePanelBox(props.isFull);
  const { keys } = panel;
  const { whole } = panelNames(panel);
  const options = useMemo(() => chartOptions(panel), [panel]);
  const media = useMediaAtStep(props, box);
  const { steps, at, last, query, groups, enabled } = media;
  const presets = useQuery({ ...chartPresetsQuery, enabled });
  const { entries, unknown } = useMemo(
    () => chartEntries(groups, presets.data ?? NO_PRESETS),
    [groups, presets.data],
  );
  const rows = useChartRows(project, entries, enabled);
  const { windows, nPending } = rows;
  const isComplete = presets.data !== undefined && query.data !== undefined && nPending === 0;
  const drawings = useLastComplete(
    useMemo(() => drawingsOf(entries, windows, options.lineColors), [entries, windows, options.lineColors]),
    isComplete,
    NO_DRAWINGS,
  );
  const faults = isComplete ? chartFaults({ groups, step: steps[at] ?? 0, entries, unknown, rows }) : [];
  const title = commonTitle(drawings);
  const rowsNote = rowsText(windows);
  const isLate = query.isPlaceholderData || nPending > 0;
  return (
    <PanelFrame
      of={props}
      box={box}
      metric={keys[0]}
      notes={[
        nPending > 0 && entries.length > 1
          ? `${formatCount(entries.length - nPending)} of ${formatNoun(entries.length, "table")} read`
          : "",
        title ?? "",
        steps.length > 0 ? `step ${stepText(steps[at] ?? 0)}` : "",
      ]}
      flags={
        <>
          <FirstRunsFlag nAsked={media.ids.length} nShown={runs.length} />
          {rowsNote && (
            <span
              className="flag wrn"
              title="The other rows are not drawn. With fewer runs, more rows of each are."
            >
              {rowsNote}
            </span>
          )}
          {drawings.length > 0 && <FaultsFlag faults={faults} />}
        </>
      }
      state={stateFor()}
      stale={staleOf(query)}
      menu={
        <MenuItem icon="table" onChoose={onTable}>
          Show its table
        </MenuItem>
      }
    >
      {drawings.length > 0 ? (
        <>
          {hasLegend && <RunsLegend drawings={drawings} width={box.width} />}
          <ChartPlots
            title={whole}
            drawings={drawings}
            hasNames={hasLegend}
            hasTitles={drawings.length > 1 && title === null}
          />
        </>
      ) : (
        <ChartFaults
          faults={faults}
          unknown={unknown}
          onTable={onTable}
          onRetry={rows.errors.some((error) => error !== null) ? rows.refetch : undefined}
        />
      )}
      <StepBar
        steps={steps}
        total={media.nSteps}
        at={at}
        isLate={isLate}
        isInStep={options.isInStep}
        onPlace={media.onPlace}
        onInStep={(isInStep) => {
          // both keep the step that is seen
          onChange(panel.id, { options: { ...panel.options, isInStep } });
          onStep(panel.id, step);
        }}
      />
    </PanelFrame>
  );

  function stateFor(): PanelState {
    if (keys.length === 0) return { is: "empty", say: "Choose a metric with logged charts." };
    if (runs.length === 0) return { is: "empty", say: "No run is shown." };
    if (!last.data) return stateOf(last, null);
    if (!query.data) return stateOf(query, null);
    if (!presets.data) return stateOf(presets, null);
    if (drawings.length > 0) return { is: "ready" };
    if (groups.length === 0)
      return {
        is: "empty",
        say: (
          <>
            {noneHas(media.ids.length, "run")} a chart called {keys.join(", ")}. What a function of{" "}
            <span className="mono">weft.plot</span> returns, given to <span className="mono">run.log()</span>,
            appears here.
          </>
        ),
      };
    if (nPending > 0) return { is: "waiting" };
    return { is: "ready" };
  }
}

/** The runs of drawings that show them in their colours. */
function RunsLegend({ drawings, width }: { drawings: readonly Drawing[]; width: number }) {
  const items = useMemo(() => {
    const shown = drawings.filter(({ isByRun }) => isByRun).flatMap(({ of }) => of);
    return [...new Map(shown.map(({ run, name }) => [run.id, { ...run, name }])).values()];
  }, [drawings]);
  return items.length > 0 && <Legend items={items} width={width} />;
}
