import type { PanelSettingsProps } from "../panel-props";
import { ColumnField } from "./column-field";
import type { DeclaredOptions } from "./options";
import { ChoiceRow, SettingRow, SwitchRow, WholeRow } from "./settings-fields";

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
          <SwitchRow label={option.label} text={option.text} value={value as boolean} onChange={change} />
        );
      case "whole": {
        const { label, min, max } = option;
        return <WholeRow label={label} value={value as number} min={min} max={max} onChange={change} />;
      }
      case "column":
        return (
          <SettingRow label={option.label}>
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
