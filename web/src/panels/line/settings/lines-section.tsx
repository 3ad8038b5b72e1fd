/** The way runs become curves: groups or writers, center and band, smoothing. */

import { useInfiniteQuery } from "@tanstack/react-query";
import { columnsQuery } from "@/api/runs/columns";
import type { ProjectRef } from "@/api/types";
import { BAND_CHOICES, CENTER_CHOICES } from "@/data/view/setting-titles";
import type { Fill } from "@/data/view/settings";
import { Button } from "@/ui/controls/button";
import { IconButton } from "@/ui/controls/icon-button";
import { Select } from "@/ui/controls/select";
import { Slider } from "@/ui/controls/slider";
import { Switch } from "@/ui/controls/switch";
import { Popover } from "@/ui/overlays/popover";
import { Chip } from "@/ui/text/chip";
import { ColumnField } from "../../settings/column-field";
import { ChoiceRow, SettingRow, type SettingsLevel, SettingsSection } from "../../settings/settings-fields";
import { firstSmoothing, mostSmoothing, SMOOTHINGS } from "./smoothing-words";

const FILLS: readonly { readonly value: Fill; readonly label: string }[] = [
  { value: "none", label: "None" },
  { value: "area", label: "Area" },
  { value: "stacked", label: "Stacked" },
  { value: "percent", label: "Percent" },
];

/** A run as one curve. */
const ONE = "run";

interface LinesSectionProps {
  readonly project: ProjectRef;
  readonly at: SettingsLevel;
  /** As the runs list is grouped. */
  readonly listGroups: readonly string[];
}

export function LinesSection({ project, at, listGroups }: LinesSectionProps) {
  const { groupBy, by, smoothing, hasRaw, hasDots, hasBaseline, axis } = at.value;
  const groups = groupBy ?? listGroups;
  const isGrouped = groups.length > 0 && by === null && axis !== "wall";
  const { kind } = smoothing;
  return (
    <SettingsSection title="Lines">
      <SettingRow label="Group by" {...at.row("groupBy")}>
        {groups.map((column) => (
          <Chip
            key={column}
            removeLabel={`Do not group by ${column}`}
            onRemove={() => at.set({ groupBy: groups.filter((other) => other !== column) })}
          >
            {column.replace(/^config\./, "")}
          </Chip>
        ))}
        {groups.length === 0 && <span className="muted">each run by itself</span>}
        <AddColumn
          project={project}
          used={groups}
          onAdd={(column) => at.set({ groupBy: [...groups, column] })}
        />
        {groupBy === null && groups.length > 0 && <span className="muted">as the list</span>}
      </SettingRow>
      {isGrouped && (
        <SettingRow label="Aggregate" {...at.row("center")}>
          <Select {...at.control("center")} label="Aggregate" options={CENTER_CHOICES} />
        </SettingRow>
      )}
      <ChoiceRow
        {...at.control("band")}
        label="Band"
        options={BAND_CHOICES.map((option) => ({
          ...option,
          isDisabled: !isGrouped && option.value !== "none" && option.value !== "minmax",
        }))}
      />
      <ChoiceRow {...at.control("fill")} label="Fill" options={FILLS} />
      <SettingRow label="One line per" {...at.row("by")}>
        <LinePer project={project} by={by} onBy={(next) => at.set({ by: next })} />
      </SettingRow>
      <SettingRow label="Smoothing" {...at.row("smoothing")}>
        <Select
          label="Smoothing"
          value={kind}
          options={SMOOTHINGS}
          onChange={(next) => at.set({ smoothing: { kind: next, amount: firstSmoothing(next) } })}
        />
        {kind !== "none" && (
          <Slider
            label="Amount of smoothing"
            value={smoothing.amount}
            min={0}
            max={mostSmoothing(kind)}
            step={0.01}
            width={92}
            format={(value) => value.toFixed(2)}
            onChange={(amount) => at.set({ smoothing: { kind, amount } })}
          />
        )}
      </SettingRow>
      <SettingRow label="Raw curve" {...at.row("hasRaw")}>
        <Switch label="Raw curve" isOn={hasRaw} onChange={(next) => at.set({ hasRaw: next })} />
        <span className="muted">behind, at 24 %</span>
      </SettingRow>
      <SettingRow label="Points" {...at.row("hasDots")}>
        <Switch label="Dots at points" isOn={hasDots} onChange={(next) => at.set({ hasDots: next })} />
        <span className="muted">as dots, where there is room</span>
      </SettingRow>
      <SettingRow label="Baseline" {...at.row("hasBaseline")}>
        <Switch label="Baseline" isOn={hasBaseline} onChange={(next) => at.set({ hasBaseline: next })} />
        <span className="muted">dashed, deltas in the tooltip</span>
      </SettingRow>
    </SettingsSection>
  );
}

/** A column to group by, found by its name. */
function AddColumn(props: { project: ProjectRef; used: readonly string[]; onAdd(column: string): void }) {
  const { project, used, onAdd } = props;
  return (
    <Popover
      label="Group by a column"
      width={288}
      target={<IconButton icon="plus" label="Add a column" isSmall />}
    >
      {(close) => (
        <ColumnField
          project={project}
          label="Column to group by"
          value={null}
          used={used}
          withoutSummaries
          autoFocus
          placeholder="config.lr, group, tags, …"
          onChange={(column) => {
            onAdd(column);
            close();
          }}
        />
      )}
    </Popover>
  );
}

/** Runs as one line each, or a line for each writer, rank or other label. */
function LinePer(props: { project: ProjectRef; by: string | null; onBy(by: string | null): void }) {
  const { project, by, onBy } = props;
  const labels = useWriterLabels(project);
  const options = [ONE, "writer", ...labels, ...(by ? [by] : [])];
  return (
    <>
      <Select
        label="One line per"
        value={by ?? ONE}
        options={[...new Set(options)].map((value) => ({ value, label: value }))}
        onChange={(next) => onBy(next === ONE ? null : next)}
      />
      {by === null && labels.includes("rank") && (
        <Button look="quiet" isSmall onClick={() => onBy("rank")}>
          Find stragglers
        </Button>
      )}
    </>
  );
}

const PREFIX = "writer.";
/** Set on all writers by weft itself: it tells a script from what measures the machine. */
const PROCESS = "process";

/** Labels that writers bear: `rank`, `node`, … */
function useWriterLabels(project: ProjectRef): readonly string[] {
  const query = useInfiniteQuery(columnsQuery(project, PREFIX));
  const columns = (query.data?.pages ?? []).flatMap((page) => page.columns);
  return columns
    .filter(({ column }) => column.startsWith(PREFIX))
    .map(({ column }) => column.slice(PREFIX.length))
    .filter((label) => label !== PROCESS)
    .sort();
}
