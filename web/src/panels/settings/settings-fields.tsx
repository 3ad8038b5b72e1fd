/**
 * The parts that settings of every kind of panel are made of: sections that fold, and rows that tell whether their
 * value is set here or comes from a level above.
 */

import { type ReactNode, useId, useState } from "react";
import type { PanelSettings } from "@/data/view/settings";
import { SegmentedControl, type SegmentedControlProps } from "@/ui/controls/segmented-control";
import { Switch } from "@/ui/controls/switch";
import { NumberField } from "@/ui/fields/field";
import { Icon } from "@/ui/signs/icons";
import type { PanelSettingsProps } from "../panel-props";
import "./settings.css";

interface SettingsSectionProps {
  readonly title: string;
  /** Grey, next to the title: `1 of 4 drawn`. */
  readonly note?: string;
  /** At the right of the head. */
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

export function SettingsSection({ title, note, actions, children }: SettingsSectionProps) {
  const [isOpen, setOpen] = useState(true);
  const id = useId();
  return (
    <section className={`ds ${isOpen ? "" : "shut"}`} aria-labelledby={id}>
      <div className="dsh">
        <button type="button" className="fold" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          <Icon name="down" isSmall className="chev" />
          <h3 id={id}>{title}</h3>
        </button>
        {note && <span className="sum">{note}</span>}
        <span className="grow" />
        {isOpen && actions}
      </div>
      {isOpen && children}
    </section>
  );
}

interface SettingRowProps {
  readonly label: string;
  /** Set at this level: an arrow takes it back. Else a dot says that a level above decides. Null, as by default: neither. */
  readonly isOwn?: boolean | null;
  /** Where the value comes from when it is not set here. */
  readonly from?: string;
  readonly children: ReactNode;
  onReset?(): void;
}

export function SettingRow({ label, isOwn = null, from, children, onReset }: SettingRowProps) {
  return (
    <div className="f">
      <span className="l">{label}</span>
      <div className="value">{children}</div>
      {isOwn === null ? null : isOwn ? (
        <button
          type="button"
          className="rs0"
          title={`Back to the value ${from}`}
          aria-label={`Reset ${label}`}
          onClick={onReset}
        >
          <Icon name="undo" isSmall />
        </button>
      ) : (
        <span className="in" title={from} />
      )}
    </div>
  );
}

interface ChoiceRowProps<T extends string>
  extends Partial<Omit<SettingRowProps, "label" | "children">>,
    SegmentedControlProps<T> {}

/** A row that chooses one of a few values, all in sight. */
export function ChoiceRow<T extends string>({ isOwn, from, onReset, ...control }: ChoiceRowProps<T>) {
  return (
    <SettingRow label={control.label} isOwn={isOwn} from={from} onReset={onReset}>
      <SegmentedControl {...control} />
    </SettingRow>
  );
}

interface SwitchRowProps extends Omit<SettingRowProps, "children"> {
  readonly value: boolean;
  /** Its effect in words, next to the switch. */
  readonly text: string;
  onChange(isOn: boolean): void;
}

/** A row that switches something on and off. */
export function SwitchRow({ value, text, onChange, ...row }: SwitchRowProps) {
  return (
    <SettingRow {...row}>
      <Switch label={text} isOn={value} isLabelVisible onChange={onChange} />
    </SettingRow>
  );
}

interface WholeRowProps extends Omit<SettingRowProps, "children"> {
  readonly value: number;
  readonly min: number;
  readonly max: number;
  /** Of the field; the row's without it. */
  readonly fieldLabel?: string;
  /** Grey, behind the number. */
  readonly note?: string;
  onChange(value: number): void;
}

export function WholeRow({ value, min, max, fieldLabel, note, onChange, ...row }: WholeRowProps) {
  return (
    <SettingRow {...row}>
      <span className={note ? "num sm" : "num"}>
        <NumberField
          label={fieldLabel ?? row.label}
          isBare
          isWhole
          min={min}
          max={max}
          value={value}
          onChange={(next) => next !== null && onChange(next)}
        />
      </span>
      {note && <span className="muted">{note}</span>}
    </SettingRow>
  );
}

interface ControlProps<Value> extends Pick<SettingRowProps, "isOwn" | "from" | "onReset"> {
  readonly value: Value;
  onChange(value: Value): void;
}

/** Reads and writes settings at the level that the drawer shows. */
export interface SettingsLevel {
  readonly value: PanelSettings;
  /** Needs of a row for the settings that it shows. */
  row(...keys: (keyof PanelSettings)[]): Pick<SettingRowProps, "isOwn" | "from" | "onReset">;
  /** Needs of a row whose control shows and changes one setting. */
  control<Key extends keyof PanelSettings>(key: Key): ControlProps<PanelSettings[Key]>;
  set(part: Partial<PanelSettings>): void;
}

const FROM: Readonly<Record<PanelSettingsProps["level"], string>> = {
  panel: "from the section or the workspace",
  section: "from the workspace",
  workspace: "that all workspaces begin with",
};

export function settingsLevel(props: PanelSettingsProps): SettingsLevel {
  const { level, settings, inherited, onSettings } = props;
  const value = { ...inherited, ...settings };
  const row = (...keys: (keyof PanelSettings)[]) => ({
    isOwn: keys.some((key) => settings[key] !== undefined),
    from: FROM[level],
    onReset: () => onSettings(Object.fromEntries(keys.map((key) => [key, undefined]))),
  });
  return {
    value,
    row,
    control: (key) => ({
      ...row(key),
      value: value[key],
      onChange: (next) => onSettings({ [key]: next }),
    }),
    set: onSettings,
  };
}
