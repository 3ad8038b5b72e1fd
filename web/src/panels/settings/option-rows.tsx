/**
 * The rows of options that a kind of panel declares.
 */

import { Switch } from "@/ui/controls/switch";
import { NumberField } from "@/ui/fields/field";
import { ColumnField } from "../over-runs/column-field";
import type { PanelSettingsProps } from "../panel-props";
import type { DeclaredOptions } from "./options";
import { ChoiceRow, SettingRow } from "./settings-fields";

/**
 * A function that makes the row of an option by its name. A second argument is shown instead of the panel's own value:
 * the column that the panel draws while none is chosen.
 */
export function optionRows<Declared extends DeclaredOptions>(declared: Declared, props: PanelSettingsProps) {
  const { project, panel, onPanel } = props;
  return (name: keyof Declared & string, drawn?: string | null) => {
    const option = declared[name]!;
    const value = option.read(panel.options[name]);
    const change = (next: unknown) => onPanel({ options: { ...panel.options, [name]: next } });
    switch (option.row) {
      case undefined:
        return null;
      case "choice":
        return (
          <ChoiceRow
            label={option.label}
            value={value as string}
            options={option.choices}
            onChange={change}
          />
        );
      case "switch":
        return (
          <SettingRow label={option.label} isOwn={null}>
            <Switch label={option.text} isOn={value as boolean} hasLabel onChange={change} />
          </SettingRow>
        );
      case "whole":
        return (
          <SettingRow label={option.label} isOwn={null}>
            <span className="num">
              <NumberField
                label={option.label}
                isBare
                isWhole
                min={option.min}
                max={option.max}
                value={value as number}
                onChange={(next) => next !== null && change(next)}
              />
            </span>
          </SettingRow>
        );
      case "column":
        return (
          <SettingRow label={option.label} isOwn={null}>
            <ColumnField
              project={project}
              label={`${option.label} column`}
              value={drawn ?? (value as string | null)}
              placeholder={option.none ?? undefined}
              needsNumbers={option.needsNumbers}
              onChange={change}
              onClear={option.none === null ? undefined : () => change(null)}
            />
          </SettingRow>
        );
    }
  };
}
