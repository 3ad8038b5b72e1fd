/** The settings of parallel coordinates: which columns in which order, and what colours. */

import { useEffect } from "react";
import { IconButton } from "@/ui/controls/icon-button";
import { isParameter } from "../over-runs/columns";
import type { PanelSettingsProps } from "../panel-props";
import { ColumnField } from "../settings/column-field";
import { optionRows } from "../settings/option-rows";
import { SettingsSection } from "../settings/settings-fields";
import { PARALLEL_OPTIONS, parallelOptions } from "./options";
import { useParallelColumns } from "./parallel-panel";

const NONE: readonly string[] = [];
/** More axes than this cannot be told apart. */
const MOST_AXES = 12;

export default function ParallelSettings(props: PanelSettingsProps) {
  const { project, panel, onPanel, onAtDone } = props;
  const loaded = useParallelColumns(props, true);
  const columns = loaded ?? NONE;
  const { options } = panel;
  const isAuto = parallelOptions(panel).columns.length === 0;
  // as a list of its own, which later runs leave as it is
  useEffect(() => {
    onAtDone?.(isAuto && columns.length > 0 ? { options: { ...options, columns } } : null);
    return () => onAtDone?.(null);
  }, [onAtDone, isAuto, options, columns]);
  const set = (next: readonly string[]) => onPanel({ options: { ...panel.options, columns: next } });
  const put = (at: number, column: string | null) =>
    set(columns.flatMap((other, i) => (i === at ? (column ?? []) : other)));
  const swap = (at: number, other: number) => {
    const next = [...columns];
    [next[at], next[other]] = [next[other]!, next[at]!];
    set(next);
  };
  return (
    <SettingsSection title="Axes" note="left to right">
      {columns.map((column, i) => (
        <div className="yr" key={column}>
          <ColumnField
            project={project}
            label={`Axis ${i + 1}`}
            value={column}
            onChange={(next) => put(i, next)}
          />
          <IconButton
            icon="up"
            label={`Move ${column} to the left`}
            isSmall
            disabled={i === 0}
            onClick={() => swap(i, i - 1)}
          />
          <IconButton
            icon="down"
            label={`Move ${column} to the right`}
            isSmall
            disabled={i === columns.length - 1}
            onClick={() => swap(i, i + 1)}
          />
          <IconButton icon="x" label={`Remove ${column}`} isSmall onClick={() => put(i, null)} />
        </div>
      ))}
      {loaded !== null && columns.length < MOST_AXES && (
        <div className="yr">
          <ColumnField
            key={columns.length}
            project={project}
            label="Add an axis"
            value={null}
            placeholder="Add an axis"
            onChange={(column) => set(withAxis(columns, column))}
          />
        </div>
      )}
      {optionRows(PARALLEL_OPTIONS, props)("tint")}
    </SettingsSection>
  );
}

/** The axes with one more: a result that was last stays so, as the last axis colors the curves. */
function withAxis(columns: readonly string[], column: string): readonly string[] {
  const others = columns.filter((other) => other !== column);
  const last = others.at(-1);
  if (last === undefined || isParameter(last)) return [...others, column];
  return [...others.slice(0, -1), column, last];
}
