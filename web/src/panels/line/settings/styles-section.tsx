/** The looks of single runs, groups and metrics of a panel: name, stroke, width, dots. */

import { useEffect, useMemo, useRef, useState } from "react";
import { type LineStyle, newStyle } from "@/data/view/settings";
import { Button } from "@/ui/controls/button";
import { IconButton } from "@/ui/controls/icon-button";
import { Select } from "@/ui/controls/select";
import { Switch } from "@/ui/controls/switch";
import { Combobox } from "@/ui/fields/combobox";
import { TextField } from "@/ui/fields/field";
import { Popover } from "@/ui/overlays/popover";
import type { PanelRun } from "../../panel-props";
import { Swatch } from "../../plot/legend";
import { type SettingsLevel, SettingsSection } from "../../settings/settings-fields";
import { takeSought, useDrawnCurves } from "../curves/drawn-curves";
import { keyOf, ownNameOf, type Styled, styledOf } from "../curves/styled";

/** As curves are by themselves. */
const AUTO = "auto";
const STROKES = [
  { value: AUTO, label: "Auto" },
  { value: "solid", label: "Solid" },
  { value: "dashed", label: "Dashed" },
  { value: "dotted", label: "Dotted" },
] as const;
const WIDTHS = [1, 1.5, 2, 3, 4, 6];
/** Names that the list offers at once; typing finds the others. */
const OFFERED = 100;

interface StylesSectionProps {
  /** Its id. */
  readonly panel: string;
  readonly runs: readonly PanelRun[];
  readonly at: SettingsLevel;
}

export function StylesSection({ panel, runs, at }: StylesSectionProps) {
  const { styles } = at.value;
  const curves = useDrawnCurves(panel);
  const offered = useMemo(() => styledOf(curves, runs), [curves, runs]);
  const names = useMemo(() => new Map(runs.map(({ id, name }) => [id, name])), [runs]);
  const set = (style: LineStyle, part: Partial<LineStyle> | null) =>
    at.set({
      styles: styles.flatMap((candidate) =>
        candidate !== style ? [candidate] : part ? [{ ...candidate, ...part }] : [],
      ),
    });
  const styledKeys = new Set(styles.map(keyOf));
  return (
    <SettingsSection
      title="Line styles"
      note={styles.length > 0 ? String(styles.length) : "of single runs, groups or metrics"}
      actions={
        <AddStyle
          offered={offered.filter((subject) => !styledKeys.has(keyOf(subject)))}
          onAdd={({ of, id }) =>
            at.set({
              styles: [...styles, newStyle(of, id)],
            })
          }
        />
      }
    >
      {styles.map((style) => (
        <StyleRow
          key={keyOf(style)}
          style={style}
          ownName={ownNameOf(style.of, style.id, names)}
          color={offered.find((subject) => keyOf(subject) === keyOf(style))?.color ?? null}
          onStyle={(part) => set(style, part)}
        />
      ))}
    </SettingsSection>
  );
}

interface StyleRowProps {
  readonly style: LineStyle;
  readonly ownName: string;
  /** Null: it has none of its own, or is not drawn. */
  readonly color: number | null;
  /** Null takes the style away. */
  onStyle(part: Partial<LineStyle> | null): void;
}

function StyleRow({ style, ownName, color, onStyle }: StyleRowProps) {
  const { name, stroke, widthPx, hasDots } = style;
  const widths = [...new Set([...WIDTHS, ...(widthPx === null ? [] : [widthPx])])];
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (takeSought(style)) row.current?.scrollIntoView({ block: "center" });
  }, [style]);
  return (
    <div className="line-style" ref={row}>
      {color === null ? <span className="swatch" /> : <Swatch item={{ ...style, color }} />}
      <TextField
        label={`Name of ${ownName}`}
        title={`${style.of} ${ownName}`}
        value={name ?? ""}
        isBare
        placeholder={ownName}
        maxLength={80}
        onChange={(text) => onStyle({ name: text === "" ? null : text })}
      />
      <Select
        label={`Stroke of ${ownName}`}
        value={stroke ?? AUTO}
        options={STROKES}
        isWide
        onChange={(next) => onStyle({ stroke: next === AUTO ? null : next })}
      />
      <Select
        label={`Width of ${ownName}`}
        value={widthPx === null ? AUTO : String(widthPx)}
        options={[
          { value: AUTO, label: "Auto" },
          ...widths.map((px) => ({ value: String(px), label: `${px} px` })),
        ]}
        isWide
        onChange={(next) => onStyle({ widthPx: next === AUTO ? null : Number(next) })}
      />
      <span title="Dots at points">
        <Switch
          label={`Dots at points of ${ownName}`}
          isOn={hasDots}
          onChange={(next) => onStyle({ hasDots: next })}
        />
      </span>
      <IconButton icon="x" label={`Remove the style of ${ownName}`} isSmall onClick={() => onStyle(null)} />
    </div>
  );
}

/** A subject of the panel, found by its name. */
function AddStyle({ offered, onAdd }: { offered: readonly Styled[]; onAdd(styled: Styled): void }) {
  const [text, setText] = useState("");
  const fitting = offered.filter(({ name }) => name.toLowerCase().includes(text.trim().toLowerCase()));
  return (
    <Popover
      label="Style a line"
      width={288}
      target={
        <Button look="quiet" isSmall icon="plus">
          Style
        </Button>
      }
    >
      {(close) => (
        <Combobox
          label="Run, group or metric to style"
          text={text}
          suggestions={fitting.slice(0, OFFERED).map((subject) => ({
            value: keyOf(subject),
            label: subject.name,
            meta: subject.of,
          }))}
          autoFocus
          marksFirst
          nothing="The panel draws nothing else with this in its name"
          placeholder="Name of a run, group or metric"
          onText={setText}
          onChoose={(key) => {
            const subject = offered.find((candidate) => keyOf(candidate) === key);
            if (subject) onAdd(subject);
            setText("");
            close();
          }}
        />
      )}
    </Popover>
  );
}
