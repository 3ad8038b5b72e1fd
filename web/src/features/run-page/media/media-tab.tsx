/** The images, other media and tables of a run: one metric at a time, with the whole page for it. */

import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { metricNamesQuery } from "@/api/metrics/metrics";
import { imagesFirst, type MediaMetric, mediaMetrics } from "@/data/metrics/object-kinds";
import { formatNoun } from "@/data/text/format";
import { autoPanelId } from "@/data/view/panel";
import { CardSearch } from "@/ui/cards/card-search";
import { SideList } from "@/ui/parts/side-list";
import { EmptyState } from "@/ui/signs/empty-state";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { RunsBoard } from "../../board/runs-board";
import { ViewPanel } from "../../board/sections/board-panel";
import { OpenSettings } from "../../board/settings/open-settings";
import { useBoard } from "../../board/use-board";
import { ViewProvider } from "../../view/page-view";
import { useShownRun } from "../shown-run";
import "@/ui/parts/parts.css";
import "./media-tab.css";

export function MediaTab() {
  return (
    <ViewProvider>
      <Media />
    </ViewProvider>
  );
}

function Media() {
  const { project, run } = useShownRun();
  const [ids] = useState([run.id]);
  const names = useQuery(metricNamesQuery(project, ids));
  const metrics = useMemo(() => (names.data ? imagesFirst(mediaMetrics(names.data)) : []), [names.data]);
  const { board } = useBoard(project, ids);
  const runs = useMemo(() => [run], [run]);
  const { metric = "" } = useSearch({ strict: false }) as { metric?: string };
  const navigate = useNavigate();
  const choose = (name: string) =>
    void navigate({
      to: ".",
      search: ((before: object) => ({ ...before, metric: name })) as never,
      replace: true,
    });
  const chosen = metrics.find(({ name }) => name === metric) ?? metrics[0] ?? null;
  if (names.isPending) return <SkeletonRows n={12} height={28} />;
  if (!chosen)
    return (
      <section className="parts none" aria-label="Media">
        <EmptyState icon="image" title="No media">
          Images, sound, video, figures and tables given to <span className="mono">run.log()</span> appear
          here.
        </EmptyState>
      </section>
    );
  return (
    <RunsBoard board={board} project={project} runs={runs}>
      <section className="parts media-tab" aria-label="Media">
        <MetricList metrics={metrics} chosen={chosen.name} onChoose={choose} />
        <div className="beside-settings">
          <div className="part-main full-part">
            <ViewPanel
              key={chosen.name}
              id={autoPanelId(chosen.name, undefined, chosen.panel)}
              isFull
              isWholePage
            />
          </div>
          <OpenSettings />
        </div>
      </section>
    </RunsBoard>
  );
}

interface MetricListProps {
  readonly metrics: readonly MediaMetric[];
  readonly chosen: string;
  onChoose(name: string): void;
}

function MetricList({ metrics, chosen, onChoose }: MetricListProps) {
  const [search, setSearch] = useState("");
  const rows = useMemo(() => {
    const text = search.trim().toLowerCase();
    return metrics
      .filter(({ name }) => name.toLowerCase().includes(text))
      .map(({ name, icon }) => ({ name, icon }));
  }, [metrics, search]);
  return (
    <div className="part-side">
      <div className="part-head">
        <CardSearch
          label={`Search ${formatNoun(metrics.length, "metric")}`}
          value={search}
          onChange={setSearch}
        />
      </div>
      {rows.length === 0 ? (
        <p className="card-none" role="status">
          No metric's name has {search}.
        </p>
      ) : (
        <SideList label="Metrics with media" rows={rows} chosen={chosen} onChoose={onChoose} />
      )}
    </div>
  );
}
