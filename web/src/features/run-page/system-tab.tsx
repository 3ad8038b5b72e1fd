/** The measurements of a run's machines: one panel for what belongs together, each device a curve. */

import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { metricNamesQuery } from "@/api/metrics/metrics";
import { writersQuery } from "@/api/runs/run-details";
import { homesOf, makeBoard } from "@/data/board/board";
import { SYSTEM_SECTIONS, systemPanels } from "@/data/metrics/system-panels";
import type { Panel } from "@/data/view/panel";
import { AXIS_TITLES } from "@/data/view/setting-titles";
import type { AxisKind } from "@/data/view/settings";
import { FIRST_VIEW, type View } from "@/data/view/view";
import { Select } from "@/ui/controls/select";
import { EmptyState } from "@/ui/signs/empty-state";
import { LoadingPanels, PanelScroll } from "../board/board-states";
import { PanelBoard } from "../board/panel-board";
import { RunsPanels } from "../board/runs-board";
import { useBoardView } from "../board/use-board";
import { Runtime } from "../runtime";
import { PassingViewProvider } from "../view/page-view";
import { useSetView, useView } from "../view/view-store";
import { useShownRun } from "./shown-run";

/** The default of `system_interval_secs`. */
const SAMPLE_SECS = 15;

export function SystemTab() {
  const { project, run } = useShownRun();
  const [ids] = useState([run.id]);
  const query = useQuery(metricNamesQuery(project, ids));
  const names = query.data?.system;
  const panels = useMemo(() => systemPanels(names ?? []), [names]);
  if (query.isPending) {
    return (
      <section className="panels" aria-label="System">
        <div className="toolbar" />
        <PanelScroll>
          <LoadingPanels />
        </PanelScroll>
      </section>
    );
  }
  if (panels.length === 0) {
    const isShort =
      run.ended_micros !== null && run.ended_micros - run.runtime_from_micros < SAMPLE_SECS * 1e6;
    return (
      <div className="no-system">
        <EmptyState icon="cpu" title="No system metrics">
          {isShort && (
            <>
              The run ended after <Runtime run={run} />, before the first sample.{" "}
            </>
          )}
          weft samples CPU, memory, disk and network every {SAMPLE_SECS} s while a script runs, unless{" "}
          <span className="mono">system_interval_secs</span> is 0.
        </EmptyState>
      </div>
    );
  }
  // another metric is another set of panels: they start over
  const set = panels.map((panel) => `${panel.id} ${panel.expressions.length}`).join("\n");
  return (
    <PassingViewProvider key={set} first={viewOf(panels)}>
      <System />
    </PassingViewProvider>
  );
}

function viewOf(panels: readonly Panel[]): View {
  return {
    ...FIRST_VIEW,
    panels: Object.fromEntries(panels.map((panel) => [panel.id, panel])),
    sectionOrder: SYSTEM_SECTIONS,
    sections: Object.fromEntries(
      SYSTEM_SECTIONS.map((name) => [
        name,
        { order: panels.filter((panel) => panel.section === name).map((panel) => panel.id) },
      ]),
    ),
    settings: { axis: "time" },
  };
}

const NO_HOMES = homesOf([]);

function System() {
  const { project, run } = useShownRun();
  const view = useBoardView();
  const board = useMemo(() => makeBoard(NO_HOMES, view, null), [view]);
  const runs = useMemo(() => [run], [run]);
  return (
    <RunsPanels label="System" toolbar={<SystemTools />} board={board} project={project} runs={runs}>
      <PanelBoard />
    </RunsPanels>
  );
}

const AXES: readonly { value: AxisKind; label: string }[] = [
  ...(["time", "time_wall", "wall"] as const).map((value) => ({ value, label: AXIS_TITLES[value].label })),
  { value: "step", label: "Sample" },
];

const WHOLE = "";

function SystemTools() {
  const { project, run } = useShownRun();
  const setView = useSetView();
  const axis = useView(({ settings }) => settings.axis ?? "time");
  const by = useView(({ settings }) => settings.by ?? WHOLE);
  const nZoomed = useView(({ zoom }) => Object.keys(zoom).length);
  const writers = useQuery(writersQuery(project, run.id)).data ?? [];
  const labels = new Set(writers.flatMap((writer) => Object.keys(writer.labels)));
  const parts = [
    { value: WHOLE, label: "Together" },
    ...["node", "rank"]
      .filter((label) => labels.has(label))
      .map((label) => ({ value: label, label: `By ${label}` })),
    ...(writers.length > 1 ? [{ value: "writer", label: "By writer" }] : []),
  ];
  return (
    <div className="toolbar" role="toolbar" aria-label="System">
      <Select
        label="X axis"
        isLabelVisible
        value={axis}
        options={AXES}
        onChange={(next) => setView(({ settings }) => ({ settings: { ...settings, axis: next }, zoom: {} }))}
      />
      {parts.length > 1 && (
        <Select
          label="Machines"
          isLabelVisible
          value={by}
          options={parts}
          onChange={(next) =>
            setView(({ settings }) => ({ settings: { ...settings, by: next === WHOLE ? null : next } }))
          }
        />
      )}
      <span className="grow" />
      {nZoomed > 0 && (
        <button type="button" className="btn q" onClick={() => setView({ zoom: {} })}>
          Reset zoom
        </button>
      )}
    </div>
  );
}
