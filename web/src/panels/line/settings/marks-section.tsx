/** Thresholds and annotations of a panel, and whether non-finite values are marked. */

import type { Mark, Panel } from "@/data/view/panel";
import { Button } from "@/ui/controls/button";
import { IconButton } from "@/ui/controls/icon-button";
import { Select } from "@/ui/controls/select";
import { Switch } from "@/ui/controls/switch";
import { NumberField, TextField } from "@/ui/fields/field";
import { Icon } from "@/ui/signs/icons";
import type { PanelRun } from "../../panel-props";
import { SettingRow, type SettingsLevel, SettingsSection } from "../../settings/settings-fields";
import { ALL_RUNS, LOOK_COLORS, LOOKS, newMark, runOptions } from "../marks/mark-words";

interface MarksSectionProps {
  /** Null: of a section or the workspace, where no marks are. */
  readonly panel: Panel | null;
  readonly runs: readonly PanelRun[];
  readonly at: SettingsLevel;
  onPanel(part: Partial<Panel>): void;
}

export function MarksSection({ panel, runs, at, onPanel }: MarksSectionProps) {
  const add = (mark: Mark) => panel && onPanel({ marks: [...panel.marks, mark] });
  return (
    <SettingsSection
      title="Marks"
      actions={
        panel && (
          <>
            <Button look="quiet" isSmall icon="plus" onClick={() => add(newMark("threshold", 0))}>
              Threshold
            </Button>
            <Button look="quiet" isSmall icon="plus" onClick={() => add(newMark("annotation", 0))}>
              Annotation
            </Button>
          </>
        )
      }
    >
      {panel && <MarkRows marks={panel.marks} runs={runs} onMarks={(marks) => onPanel({ marks })} />}
      <SettingRow label="NaN and Inf" {...at.row("hasNonfinite")}>
        <Switch
          label="NaN and Inf"
          isOn={at.value.hasNonfinite}
          onChange={(next) => at.set({ hasNonfinite: next })}
        />
      </SettingRow>
    </SettingsSection>
  );
}

interface MarkRowsProps {
  readonly marks: readonly Mark[];
  readonly runs: readonly PanelRun[];
  /** The place of the first one among all of the panel; 0 where these are all. */
  readonly first?: number;
  onMarks(marks: readonly Mark[]): void;
}

/** One row per mark, each with its place, text and look. */
export function MarkRows({ marks, runs, first = 0, onMarks }: MarkRowsProps) {
  const set = (at: number, part: Partial<Mark> | null) =>
    onMarks(marks.flatMap((mark, i) => (i !== at ? [mark] : part ? [{ ...mark, ...part }] : [])));
  const offered = runOptions(runs);
  return marks.map((mark, i) => {
    const isLine = mark.kind === "threshold";
    const name = `${isLine ? "threshold" : "annotation"} ${first + i + 1}`;
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: marks have no names, and their place is what they are known by
      <div className="mk" key={i}>
        {isLine ? (
          <span className="sw1" style={{ color: LOOK_COLORS[mark.look] }} />
        ) : (
          <Icon name="flag" isSmall />
        )}
        <NumberField
          label={`${isLine ? "Value" : "Place"} of ${name}`}
          value={mark.at}
          isBare
          onChange={(value) => value !== null && set(i, { at: value })}
        />
        <TextField
          label={`Text of ${name}`}
          value={mark.text}
          isBare
          placeholder={isLine ? "Name of the line" : "What happened here"}
          maxLength={80}
          onChange={(text) => set(i, { text })}
        />
        {isLine ? (
          <Select
            label={`Look of ${name}`}
            value={mark.look}
            options={LOOKS}
            isWide
            onChange={(look) => set(i, { look })}
          />
        ) : (
          <Select
            label={`Run of ${name}`}
            value={mark.run ?? ALL_RUNS}
            options={offered}
            isWide
            onChange={(run) => set(i, { run: run === ALL_RUNS ? null : run })}
          />
        )}
        <IconButton icon="x" label={`Remove ${name}`} isSmall onClick={() => set(i, null)} />
      </div>
    );
  });
}
