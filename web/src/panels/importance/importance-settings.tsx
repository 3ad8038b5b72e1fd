import { IconButton } from "@/ui/controls/icon-button";
import { ColumnName } from "@/ui/text/column-name";
import type { PanelSettingsProps } from "../panel-props";
import { ColumnField } from "../settings/column-field";
import { optionRows } from "../settings/option-rows";
import { SettingsSection } from "../settings/settings-fields";
import { useTarget } from "./importance-panel";
import { IMPORTANCE_OPTIONS, importanceOptions } from "./options";

export default function ImportanceSettings(props: PanelSettingsProps) {
  const { project, panel, onPanel } = props;
  const { parameters } = importanceOptions(panel);
  const { column: target } = useTarget(props, true);
  const row = optionRows(IMPORTANCE_OPTIONS, props);
  const set = (next: readonly string[]) => onPanel({ options: { ...panel.options, parameters: next } });
  return (
    <>
      <SettingsSection title="Data">
        {row("target", target)}
        {props.list && row("scope")}
      </SettingsSection>
      <SettingsSection
        title="Parameters"
        note={parameters.length === 0 ? "all of the config that differ" : String(parameters.length)}
      >
        {parameters.map((column) => (
          <div className="yr" key={column}>
            <span className="ell grow">
              <ColumnName column={column} />
            </span>
            <IconButton
              icon="x"
              label={`Remove ${column}`}
              isSmall
              onClick={() => set(parameters.filter((other) => other !== column))}
            />
          </div>
        ))}
        <div className="yr">
          <ColumnField
            key={parameters.length}
            project={project}
            label="Add a parameter"
            value={null}
            placeholder="Only these: add a parameter"
            onChange={(column) => set([...parameters.filter((other) => other !== column), column])}
          />
        </div>
      </SettingsSection>
    </>
  );
}
