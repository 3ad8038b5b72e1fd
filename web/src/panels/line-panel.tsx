/**
 * The panel of one metric: head, legend, chart, and each state it can be in.
 *
 * Step of the data's way: asks `api/series.ts` while it is in view, hands the curves to `charts/line/`.
 */

import { useQuery } from "@tanstack/react-query";
import { memo, useMemo, useRef } from "react";
import { ApiError } from "@/api/client";
import { seriesQuery } from "@/api/series";
import type { ProjectRef } from "@/api/types";
import { MARGIN, type Range } from "@/charts/axis/scale";
import type { LineSource, LineView } from "@/charts/line/line-build";
import type { Axis, SeriesColumns } from "@/data/columns";
import { formatNoun } from "@/data/format";
import { Ago } from "@/ui/ago";
import { IconButton } from "@/ui/icon-button";
import { Icon } from "@/ui/icons";
import { MidName } from "@/ui/mid-name";
import { Legend } from "./legend";
import { Plot } from "./plot";
import { useInView, useWidth } from "./use-in-view";
import { ValuesTable } from "./values-table";
import "./panel.css";

/** A run as panels draw it. */
export interface PanelRun {
  readonly id: string;
  readonly name: string;
  readonly color: number;
  readonly isLive: boolean;
}

export interface LinePanelProps {
  readonly project: ProjectRef;
  readonly metric: string;
  readonly title: string;
  /** Runs to draw, in the order of the list. */
  readonly runs: readonly PanelRun[];
  /** Ids to ask for: those of `runs`, and some that were drawn a moment ago. */
  readonly asked: readonly string[];
  readonly axis: Axis;
  readonly smoothing: number;
  readonly isLog: boolean;
  readonly zoom: Range | null;
  readonly isFull?: boolean;
  readonly hasLegend?: boolean;
  onZoom(metric: string, range: Range | null): void;
  onLog(metric: string, isLog: boolean): void;
  onFull(metric: string | null): void;
}

/** Widths are rounded up to this many buckets, so that dragging an edge does not ask at each px. */
const BUCKET_STEP = 100;

export const LinePanel = memo(function LinePanel(props: LinePanelProps) {
  const { project, metric, title, runs, asked, axis, smoothing, isLog, zoom, isFull, onZoom, onLog, onFull } =
    props;
  const { hasLegend = true } = props;
  const frame = useRef<HTMLElement>(null);
  const isInView = useInView(frame);
  const width = useWidth(frame);
  const plotWidth = width - MARGIN.left - MARGIN.right;
  const nBuckets = Math.max(BUCKET_STEP, Math.ceil(plotWidth / BUCKET_STEP) * BUCKET_STEP);
  const query = useQuery({
    ...seriesQuery(project, { runs: asked, keys: [metric], axis, nBuckets, ...edgesOf(zoom, axis) }),
    enabled: isInView && width > 0 && asked.length > 0,
  });

  const sources = useMemo(() => sourcesOf(runs, query.data ?? []), [runs, query.data]);
  const view: LineView = useMemo(
    () => ({ axis, smoothing, isLog, xRange: zoom }),
    [axis, smoothing, isLog, zoom],
  );
  const isStale = query.isError && query.data !== undefined;

  return (
    <article
      className={`panel ${isStale ? "stale" : ""}`}
      ref={frame}
      aria-label={metric}
      data-metric={metric}
    >
      <header className="ph">
        <h3>
          <MidName name={title} title={metric} />
        </h3>
        {isLog && <span className="ax">log</span>}
        <OddFlag sources={sources} />
        {zoom && (
          <button
            type="button"
            className="flag neu"
            onClick={() => onZoom(metric, null)}
            title="Or double-click the chart"
          >
            zoomed <Icon name="x" isSmall />
          </button>
        )}
        {isInView && (
          <span className="act">
            <button
              type="button"
              className="btn q sm"
              aria-pressed={isLog}
              title="Logarithmic y axis"
              onClick={() => onLog(metric, !isLog)}
            >
              log
            </button>
            {isFull ? (
              <IconButton icon="x" label="Close full screen (Esc)" isSmall onClick={() => onFull(null)} />
            ) : (
              <IconButton icon="full" label="Full screen" isSmall onClick={() => onFull(metric)} />
            )}
          </span>
        )}
      </header>
      {!isInView || runs.length === 0 ? null : query.data ? (
        sources.length === 0 && !query.isPlaceholderData ? (
          <NoPoints metric={metric} nRuns={runs.length} isZoomed={zoom !== null} />
        ) : (
          <>
            {hasLegend && !isFull && <Legend runs={sources} width={width} />}
            <div className="beside">
              <Plot
                title={metric}
                sources={sources}
                view={view}
                hasTip={!isFull}
                onZoom={(range) => onZoom(metric, range)}
              />
              {isFull && <ValuesTable sources={sources} view={view} />}
            </div>
          </>
        )
      ) : query.isError ? (
        <Failed error={query.error} metric={metric} onRetry={() => query.refetch()} />
      ) : (
        <Waiting />
      )}
      {isStale && (
        <div className="stale-tag">
          <span className="flag wrn">
            {query.error.message}; shown as of <Ago micros={query.dataUpdatedAt * 1000} suffix=" ago" />
          </span>
        </div>
      )}
    </article>
  );
});

/** The zoomed range as the series query takes it: whole steps or µs, half-open. */
function edgesOf(zoom: Range | null, axis: Axis): { lo: number | null; hi: number | null } {
  if (!zoom) return { lo: null, hi: null };
  const unit = axis === "time" ? 1e6 : 1;
  return { lo: Math.floor(zoom[0] * unit), hi: Math.ceil(zoom[1] * unit) + 1 };
}

function sourcesOf(runs: readonly PanelRun[], series: readonly SeriesColumns[]): LineSource[] {
  const byRun = new Map(series.map((columns) => [columns.run, columns]));
  return runs.flatMap((run) => {
    const columns = byRun.get(run.id);
    return columns ? [{ ...run, columns }] : [];
  });
}

function OddFlag({ sources }: { sources: readonly LineSource[] }) {
  const odd = sources.filter((source) => source.columns.odd.length > 0);
  if (odd.length === 0) return null;
  const hasNan = odd.some((source) => source.columns.nan.some((n) => n > 0));
  const names = odd.slice(0, 12).map((source) => source.name);
  return (
    <span
      className="flag dan"
      title={`Non-finite values in ${formatNoun(odd.length, "run")}:\n${names.join("\n")}`}
    >
      {hasNan ? "NaN" : "Inf"}
    </span>
  );
}

function Waiting() {
  return (
    <div className="wait late" role="status" aria-label="Loading">
      <div>
        <span className="sk" style={{ width: 76 }} />
        <span className="sk" style={{ width: 58 }} />
        <span className="sk" style={{ width: 66 }} />
      </div>
      <span className="sk" />
    </div>
  );
}

function NoPoints({ metric, nRuns, isZoomed }: { metric: string; nRuns: number; isZoomed: boolean }) {
  return (
    <div className="say">
      <span>
        {isZoomed
          ? "No point in this range."
          : `None of the ${formatNoun(nRuns, "run")} shown has a number for ${metric}.`}
      </span>
    </div>
  );
}

function Failed({ error, metric, onRetry }: { error: Error; metric: string; onRetry(): void }) {
  const requestId = error instanceof ApiError ? error.requestId : null;
  return (
    <div className="say" role="alert">
      <Icon name="warn" />
      <b>{metric} could not be read</b>
      <span>
        {error.message}
        {requestId && <span className="muted"> (request {requestId})</span>}
      </span>
      <button type="button" className="btn sm" onClick={onRetry}>
        Try again
      </button>
    </div>
  );
}
