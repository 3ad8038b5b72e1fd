/** The runs of a set one by one: which of them are drawn, and in which colours in this grid. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type RunRow, rowsQuery } from "@/api/runs/run-rows";
import type { ProjectRef } from "@/api/types";
import type { RunSet } from "@/data/report/document";
import type { GridMembers } from "@/data/report/grid-edits";
import { onlyRuns, withRuns } from "@/data/runs/shown-runs";
import { formatNoun } from "@/data/text/format";
import { Select } from "@/ui/controls/select";
import { Swatches } from "../../../runs/actions/run-menu";
import { ListButton } from "../../../runs/keys/list-button";
import { ColorButton, EyeButton } from "../../../runs/row-parts";
import { useReadView, useSetView, useView } from "../../../view/view-store";
import type { SetRuns } from "../../grid/use-set-runs";

const NO_COLUMNS: readonly string[] = [];
/** A list that is longer is shortened by the filter. */
const MOST_LISTED = 100;

const BASES = [
  { value: "all", label: "All that match" },
  { value: "newest", label: "The first 10, and running ones" },
  { value: "none", label: "Only those chosen here" },
] as const;

interface ChosenRunsProps {
  readonly project: ProjectRef;
  readonly set: RunSet;
  /** As they are drawn; null: not known yet. */
  readonly runs: SetRuns | null;
  onChange(fields: GridMembers): void;
}

export function ChosenRuns(props: ChosenRunsProps) {
  const { base, on, off } = props.set.selection;
  const isSet = base !== "all" || on.length + off.length > 0;
  return (
    <ListButton icon="eye" label="Runs" value={isSet ? "chosen" : null} width={360} isIcon>
      <RunChoice {...props} />
    </ListButton>
  );
}

function RunChoice({ project, set, runs, onChange }: ChosenRunsProps) {
  const setView = useSetView();
  const readView = useReadView();
  const base = useView((view) => view.selection.base);
  const { filter, runSearch, isRunRegex, order } = set;
  const request = { filter, search: runSearch, isRegex: isRunRegex, order, columns: NO_COLUMNS };
  const { data, error } = useQuery({
    ...rowsQuery(project, request, null, 0, MOST_LISTED),
    placeholderData: keepPreviousData,
  });
  /** The run whose colours are offered. */
  const [painted, setPainted] = useState<string | null>(null);
  const shown = new Set(runs?.panels.runIds);
  const colorOf = (run: RunRow) => set.runColors[run.id] ?? run.color;
  const turn = ({ id }: RunRow) => {
    const isByDefault = base === "all" ? true : base === "none" ? false : null;
    setView(({ selection }) => ({ selection: withRuns(selection, [id], !shown.has(id), isByDefault) }));
  };
  const choose = (next: typeof base) => {
    if (next === readView().selection.base) return;
    // those that are drawn are the first that are chosen
    if (next === "none") setView({ selection: onlyRuns([...shown].slice(0, MOST_LISTED)).selection });
    else setView({ selection: { base: next, on: [], off: [] } });
  };
  const paint = (run: RunRow, color: number) => {
    const { [run.id]: _, ...others } = set.runColors;
    const colors = color === run.color ? others : { ...others, [run.id]: color };
    onChange({ runColors: Object.keys(colors).length > 0 ? colors : undefined });
  };
  return (
    <div className="chosen-runs">
      <Select label="Runs that are drawn" value={base} options={BASES} isWide onChange={choose} />
      {error && !data && <p role="alert">{error.message}</p>}
      <ul aria-label="Runs of the set">
        {data?.rows.map((run) => (
          <li key={run.id} className={shown.has(run.id) ? "" : "off"}>
            <EyeButton
              label={`Show ${run.name}`}
              isOn={shown.has(run.id)}
              onClick={() => turn(run)}
              isTabbed
            />
            <ColorButton
              name={run.name}
              color={colorOf(run)}
              isShown={shown.has(run.id)}
              shape="round"
              isTabbed
              onPalette={() => setPainted(painted === run.id ? null : run.id)}
            />
            <span className="ell" title={run.name}>
              {run.name}
            </span>
            {painted === run.id && (
              <Swatches
                name={run.name}
                color={colorOf(run)}
                onChoose={(color) => {
                  paint(run, color);
                  setPainted(null);
                }}
              />
            )}
          </li>
        ))}
      </ul>
      {data && data.total === 0 && <p className="muted">No run matches.</p>}
      {data && data.total > data.rows.length && (
        <p className="muted">
          The first {data.rows.length} of {formatNoun(data.total, "run")}: filter to see others.
        </p>
      )}
    </div>
  );
}
