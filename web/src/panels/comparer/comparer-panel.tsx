/**
 * The run comparer: what differs between runs first, in config, summary, and the runs themselves.
 */

import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, useDeferredValue, useMemo, useRef, useState } from "react";
import type { Run } from "@/api/types";
import { type ComparedRun, type CompareRow, type CompareSection, compareRuns } from "@/data/compare-runs";
import { formatCount, formatNoun } from "@/data/format";
import { panelNames } from "@/data/view/panel-names";
import { SegmentedControl } from "@/ui/controls/segmented-control";
import { TextField } from "@/ui/fields/field";
import { Icon } from "@/ui/signs/icons";
import { PanelFrame, type PanelState, usePanelPlace } from "../panel-frame";
import type { PanelProps } from "../panel-props";
import { CompareHead, CompareLine, SectionLine } from "./compare-rows";
import { type ComparerOptions, comparerOptions } from "./options";
import { useComparedRuns } from "./use-compared-runs";
import "./comparer.css";

const ROW_PX = 27;
const SECTION_PX = 30;
const SECTIONS: readonly CompareSection[] = ["config", "summary", "run"];

/** A line of the table: a section's head, a row, or what is folded away. */
type Line =
  | {
      readonly kind: "section";
      readonly section: CompareSection;
      readonly nDiffer: number;
      readonly n: number;
    }
  | { readonly kind: "row"; readonly row: CompareRow }
  | { readonly kind: "equal"; readonly section: CompareSection; readonly n: number };

export const ComparerPanel = memo(function ComparerPanel(props: PanelProps) {
  const { panel, runs, onChange } = props;
  const place = usePanelPlace();
  const options = comparerOptions(panel);
  const compared = useComparedRuns(props, options.against, place.isInView || props.isFull);
  const { columns } = compared;
  const [search, setSearch] = useState("");
  const wanted = useDeferredValue(search);
  const [opened, setOpened] = useState<ReadonlySet<CompareSection>>(new Set());
  const rows = useMemo(() => compareRuns(columns.map(({ run }) => comparedOf(run))), [columns]);
  const lines = useMemo(
    () => linesOf(rows, wanted, options.hidesEqual && columns.length > 1, opened),
    [rows, wanted, options.hidesEqual, columns.length, opened],
  );
  const nDiffer = rows.filter((row) => row.differs).length;
  const set = (part: Partial<ComparerOptions>) =>
    onChange(panel.id, { options: { ...panel.options, ...part } });
  const isGood = options.against === "good";
  return (
    <PanelFrame
      of={props}
      place={place}
      title={panel.title ?? (isGood ? "Changed since the last good run" : panelNames(panel).whole)}
      notes={[
        columns.length > 1 ? `${formatCount(nDiffer)} of ${formatNoun(rows.length, "row")} differ` : "",
        compared.nLeft > 0 ? `${formatNoun(compared.nLeft, "run")} left out` : "",
      ]}
      state={stateFor()}
    >
      <div className="cmp-bar">
        {!props.isPassing && (
          <SegmentedControl
            label="Compare"
            value={options.against}
            options={[
              { value: "shown", label: "Shown runs" },
              { value: "good", label: "Since last good run" },
            ]}
            onChange={(against) => set({ against })}
          />
        )}
        <TextField
          label="Search keys and values"
          isBare
          value={search}
          onChange={setSearch}
          placeholder="Search keys and values"
        />
      </div>
      {compared.hasNoGood ? (
        <div className="say">
          <Icon name="swap" />
          <b>No finished run came before {runs[0]?.name}</b>
          <span>The last good run is the newest one of the same person that finished before it began.</span>
        </div>
      ) : (
        <CompareTable
          compared={compared.columns}
          lines={lines}
          onOpen={(section) => setOpened((before) => toggled(before, section))}
        />
      )}
    </PanelFrame>
  );

  function stateFor(): PanelState {
    if (runs.length === 0) return { is: "empty", say: "No run is shown." };
    if (columns.length > 0 || compared.hasNoGood) return { is: "ready" };
    if (compared.error) return { is: "failed", error: compared.error, onRetry: compared.retry };
    return { is: "waiting" };
  }
});

interface CompareTableProps {
  readonly compared: Parameters<typeof CompareHead>[0]["columns"];
  readonly lines: readonly Line[];
  onOpen(section: CompareSection): void;
}

function CompareTable({ compared, lines, onOpen }: CompareTableProps) {
  const scroll = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroll.current,
    estimateSize: (i) => (lines[i]!.kind === "section" ? SECTION_PX : ROW_PX),
    overscan: 12,
  });
  const template = `minmax(150px, 220px) repeat(${compared.length}, minmax(150px, 320px))`;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard
    <div className="cmp" ref={scroll} tabIndex={0} role="group" aria-label="Comparison, scrolled">
      <div
        role="table"
        aria-label="Runs side by side"
        aria-rowcount={lines.length + 1}
        className="cmp-table"
        style={{ "--cmp": template } as React.CSSProperties}
      >
        <CompareHead columns={compared} />
        <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: "relative" }}>
          {virtual.getVirtualItems().map(({ index, key, start }) => {
            const line = lines[index]!;
            const top = { transform: `translateY(${start}px)` };
            if (line.kind === "row")
              return <CompareLine key={key} row={line.row} index={index} style={top} />;
            if (line.kind === "section")
              return (
                <SectionLine
                  key={key}
                  section={line.section}
                  nDiffer={line.nDiffer}
                  n={line.n}
                  index={index}
                  style={top}
                />
              );
            return (
              <div key={key} role="row" aria-rowindex={index + 2} className="cmp-row equal" style={top}>
                <span role="cell">
                  <button type="button" className="more" onClick={() => onOpen(line.section)}>
                    {formatCount(line.n)} equal
                  </button>
                </span>
              </div>
            );
          })}
        </div>
      </div>
      {lines.length === 0 && <div className="say">Nothing has that text.</div>}
    </div>
  );
}

function toggled(before: ReadonlySet<CompareSection>, section: CompareSection) {
  const next = new Set(before);
  if (!next.delete(section)) next.add(section);
  return next;
}

function linesOf(
  rows: readonly CompareRow[],
  search: string,
  hidesEqual: boolean,
  opened: ReadonlySet<CompareSection>,
): Line[] {
  const text = search.trim().toLowerCase();
  const lines: Line[] = [];
  for (const section of SECTIONS) {
    const all = rows.filter((row) => row.section === section);
    const fitting = text === "" ? all : all.filter((row) => hasText(row, text));
    if (fitting.length === 0) continue;
    const differing = fitting.filter((row) => row.differs);
    lines.push({ kind: "section", section, nDiffer: differing.length, n: fitting.length });
    lines.push(...differing.map((row): Line => ({ kind: "row", row })));
    const equal = fitting.filter((row) => !row.differs);
    // a search looks for what is equal, too
    const isOpen = !hidesEqual || text !== "" || opened.has(section);
    if (hidesEqual && text === "" && equal.length > 0)
      lines.push({ kind: "equal", section, n: equal.length });
    if (isOpen) lines.push(...equal.map((row): Line => ({ kind: "row", row })));
  }
  return lines;
}

function hasText(row: CompareRow, text: string): boolean {
  return (
    row.key.toLowerCase().includes(text) ||
    row.values.some((value) => value !== undefined && JSON.stringify(value).toLowerCase().includes(text))
  );
}

function comparedOf(run: Run): ComparedRun {
  return {
    id: run.id,
    config: run.config as Record<string, unknown>,
    summary: run.summary as Record<string, unknown>,
    definitions: run.definitions.map((one) => ({
      name: one.name,
      summary: one.summary ?? [],
      goal: one.goal,
    })),
    facts: {
      state: run.state,
      exit_code: run.exit_code,
      user: run.user,
      host: run.host,
      group: run.group,
      job_type: run.job_type,
      tags: run.tags,
      notes: run.notes,
      created: run.created_micros,
    },
  };
}
