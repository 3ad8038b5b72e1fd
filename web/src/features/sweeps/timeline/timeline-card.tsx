/** The trials of each agent over time: gaps are agents that waited. */

import { useQuery } from "@tanstack/react-query";
import { type CSSProperties, useMemo, useRef } from "react";
import { MOST_RUNS, sweepAgentsQuery } from "@/api/sweeps/sweeps";
import { TimelineChart } from "@/charts/timeline/timeline";
import { formatCount, formatNoun } from "@/data/text/format";
import { useInView } from "@/panels/frame/use-in-view";
import { CanvasPlot } from "@/panels/over-runs/canvas-plot";
import { type SweepChartProps, useRunTip } from "../cards/use-run-tip";
import { nRuns } from "../sweep-words";
import { layOutTimeline, MOST_AGENTS } from "./timeline-layout";

const ROW_PX = 22;
const FRAME_PX = 96;

interface TimelineCardProps extends SweepChartProps {
  readonly isLive: boolean;
}

export function TimelineCard({ isLive, ...props }: TimelineCardProps) {
  const { project, sweep, runs } = props;
  const ref = useRef<HTMLElement>(null);
  const isInView = useInView(ref);
  const { data: agents } = useQuery({
    ...sweepAgentsQuery(project, sweep.id, isLive),
    enabled: isInView,
  });
  const { handlers, tip } = useRunTip(props);
  const content = useMemo(
    () => (agents ? layOutTimeline(agents, runs, Date.now() * 1000) : null),
    [agents, runs],
  );
  if (agents && !content) return null;
  const nAgents = agents?.length ?? 0;
  const height = FRAME_PX + ROW_PX * (content?.rows.length ?? 1);
  return (
    <section
      className="panel sweep-timeline"
      aria-label="Timeline"
      ref={ref}
      style={{ "--w-panel-h": `${height}px` } as CSSProperties}
    >
      <header className="ph">
        <h2>Timeline</h2>
        <span className="ax ell">
          trials of each agent
          {nAgents > MOST_AGENTS && `, the last ${MOST_AGENTS} of ${formatNoun(nAgents, "agent")}`}
          {nRuns(sweep) > MOST_RUNS && `, the first ${formatCount(MOST_RUNS)} trials`}
        </span>
        <span className="grow" />
        <span className="timeline-key" aria-hidden="true">
          <i className="finished" /> finished <i className="stopped" /> stopped early <i className="failed" />{" "}
          failed <i className="running" /> running
        </span>
      </header>
      {content ? (
        <CanvasPlot
          label={`Timeline: ${formatNoun(content.bars.length, "trial")} of ${formatNoun(content.rows.length, "agent")}`}
          keys="Left and right go from trial to trial, Enter opens its run"
          content={content}
          make={(element) => new TimelineChart(element, handlers)}
        />
      ) : (
        <div className="plot" />
      )}
      {tip}
    </section>
  );
}
