/**
 * The panels of a workspace: sections by prefix, each folded or paged; a search shows what it finds in all.
 */

import { useQuery } from "@tanstack/react-query";
import { useMemo, useRef } from "react";
import { metricsQuery } from "@/api/metrics";
import type { Metric, ProjectRef } from "@/api/types";
import type { Range } from "@/charts/axis/scale";
import type { Axis } from "@/data/columns";
import { formatNoun } from "@/data/format";
import { groupKeys, type Section, SYSTEM_SECTION, titleOf } from "@/data/sections";
import { matcherFor } from "@/data/text-match";
import { LinePanel, type PanelRun } from "@/panels/line-panel";
import { HOLDER_AHEAD_PX, useInView, useWidth } from "@/panels/use-in-view";
import { IconButton } from "@/ui/icon-button";
import { Icon } from "@/ui/icons";
import { useStable } from "@/ui/use-stable";
import { useSetView, useView } from "./view-store";

/** Rows of panels on a section's page: two fit a screen; where there are few sections, more. */
function pageRowsFor(sections: readonly Section[]): number {
  const nSections = sections.filter((section) => section.name !== SYSTEM_SECTION).length;
  return nSections <= 1 ? 6 : nSections === 2 ? 3 : 2;
}

/** How many panels stand side by side in `width` px. */
function columnsIn(width: number): number {
  if (width < 520) return 1;
  if (width < 800) return 2;
  return width < 1900 ? 3 : 4;
}

/** Whether a line can be drawn of a metric: some of its values are numbers. */
function isDrawable(metric: Metric): boolean {
  return !metric.key.startsWith("_") && metric.kinds.some((kind) => kind !== "object");
}

/** The project's drawable metrics in sections; with `runs`, only what these have logged. */
export function useSections(project: ProjectRef, runs: readonly string[] | null) {
  const query = useQuery(metricsQuery(project, runs));
  const sections = useMemo(
    () => groupKeys((query.data ?? []).filter(isDrawable).map((metric) => metric.key)),
    [query.data],
  );
  return { query, sections };
}

export interface PanelSet {
  readonly project: ProjectRef;
  /** False where all panels show the same one run. */
  readonly hasLegend?: boolean;
  readonly runs: readonly PanelRun[];
  readonly asked: readonly string[];
}

interface PanelSectionsProps extends PanelSet {
  readonly sections: readonly Section[];
}

export function PanelSections({ sections, ...set }: PanelSectionsProps) {
  const panelSearch = useView((view) => view.panelSearch);
  const isPanelRegex = useView((view) => view.isPanelRegex);
  const setView = useSetView();
  const area = useRef<HTMLDivElement>(null);
  const width = useWidth(area);
  const columns = columnsIn(width);
  const pageRows = pageRowsFor(sections);
  const matcher = useMemo(() => matcherFor(panelSearch, isPanelRegex), [panelSearch, isPanelRegex]);
  const found = useMemo(() => {
    const { test } = matcher;
    if (!test || panelSearch === "") return sections;
    return sections
      .map((section) => ({ ...section, keys: section.keys.filter(test) }))
      .filter((section) => section.keys.length > 0);
  }, [sections, matcher, panelSearch]);
  if (found.length === 0) {
    return (
      <div className="say" style={{ paddingTop: 96 }}>
        <Icon name="search" />
        <b>No panel matches</b>
        <span>
          No metric's name has <span className="mono">{panelSearch}</span>.
        </span>
        <button type="button" className="btn sm" onClick={() => setView({ panelSearch: "" })}>
          Clear search
        </button>
      </div>
    );
  }
  return (
    <div
      className="sections"
      ref={area}
      style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}
    >
      {/* before the width is known, every section would be drawn at a wrong place */}
      {(width > 0 ? found : []).map((section) => (
        <PanelSection
          key={section.name}
          section={section}
          columns={columns}
          pageRows={pageRows}
          isSearch={panelSearch !== ""}
          {...set}
        />
      ))}
    </div>
  );
}

interface PanelSectionProps extends PanelSet {
  readonly section: Section;
  readonly columns: number;
  readonly pageRows: number;
  readonly isSearch: boolean;
}

/**
 * A section as wide as its panels, so that small ones share a row. A closed one has a row for itself, else
 * it would leave a hole beside the open ones.
 */
function PanelSection({ section, columns, pageRows, isSearch, ...set }: PanelSectionProps) {
  const { name, keys } = section;
  const isFlipped = useView((view) => view.flipped.includes(name));
  const page = useView((view) => view.pages[name] ?? 0);
  const setView = useSetView();
  const place = useRef<HTMLElement>(null);
  const isNear = useInView(place, HOLDER_AHEAD_PX);
  // the system's own metrics begin closed; a search opens what it finds
  const isOpen = isSearch || (name === SYSTEM_SECTION) === isFlipped;
  const span = isOpen && name !== SYSTEM_SECTION ? Math.min(columns, keys.length) : columns;
  const nPage = columns * pageRows;
  const nPages = Math.ceil(keys.length / nPage);
  const at = Math.min(page, nPages - 1);
  const from = at * nPage;
  const shown = keys.slice(from, from + nPage);
  // a section far away keeps its place and holds nothing
  const nRows = Math.ceil(shown.length / span);
  const height = `calc(${nRows} * (var(--w-panel-h) + var(--w-gap)))`;
  const go = (next: number) => setView((view) => ({ pages: { ...view.pages, [name]: next } }));
  const flip = () =>
    setView(({ flipped }) => ({
      flipped: flipped.includes(name) ? flipped.filter((other) => other !== name) : [...flipped, name],
    }));
  return (
    <section
      ref={place}
      className={`sec ${isOpen ? "" : "shut"}`}
      aria-label={name}
      style={{ gridColumn: `span ${span}` }}
    >
      <div className="sech">
        <button type="button" className="fold" aria-expanded={isOpen} onClick={flip} disabled={isSearch}>
          <Icon name="down" isSmall className="chev" />
          <h2>{name}</h2>
          <span className="badge" title={formatNoun(keys.length, "panel")}>
            {keys.length}
          </span>
        </button>
        {isOpen && nPages > 1 && (
          <span className="rt">
            <IconButton
              icon="left"
              label="Previous panels"
              isSmall
              disabled={at === 0}
              onClick={() => go(at - 1)}
            />
            <span className="tn">
              {from + 1}–{from + shown.length} of {keys.length}
            </span>
            <IconButton
              icon="right"
              label="Next panels"
              isSmall
              disabled={at === nPages - 1}
              onClick={() => go(at + 1)}
            />
          </span>
        )}
      </div>
      {isOpen && (
        <div
          className="grid"
          style={{ gridTemplateColumns: `repeat(${span}, minmax(0, 1fr))`, minHeight: height }}
        >
          {isNear && shown.map((key) => <WorkspacePanel key={key} metric={key} {...set} />)}
        </div>
      )}
    </section>
  );
}

/** Whole steps; times to four digits of the range. */
function rounded([lo, hi]: Range, axis: Axis): Range {
  if (axis === "step") return [Math.floor(lo), Math.max(Math.floor(lo) + 1, Math.ceil(hi))];
  const digits = Math.max(0, 4 - Math.ceil(Math.log10(hi - lo)));
  return [Number(lo.toFixed(digits)), Number(hi.toFixed(digits))];
}

/** A panel with the workspace's settings. */
export function WorkspacePanel({ metric, isFull, ...set }: PanelSet & { metric: string; isFull?: boolean }) {
  const axis = useView((view) => view.axis);
  const smoothing = useView((view) => view.smoothing);
  const isLog = useView((view) => view.log.includes(metric));
  const zoom = useView((view) => view.zoom[metric] ?? null);
  const setView = useSetView();
  const onZoom = useStable((key: string, range: Range | null) =>
    setView(({ zoom: before }) => {
      const { [key]: _, ...others } = before;
      return { zoom: range ? { ...others, [key]: rounded(range, axis) } : others };
    }),
  );
  const onLog = useStable((key: string, on: boolean) =>
    setView(({ log }) => ({ log: on ? [...log, key] : log.filter((other) => other !== key) })),
  );
  const onFull = useStable((key: string | null) => setView({ full: key }));
  return (
    <LinePanel
      {...set}
      metric={metric}
      title={isFull ? metric : titleOf(metric)}
      axis={axis}
      smoothing={smoothing}
      isLog={isLog}
      zoom={zoom}
      isFull={isFull}
      onZoom={onZoom}
      onLog={onLog}
      onFull={onFull}
    />
  );
}
