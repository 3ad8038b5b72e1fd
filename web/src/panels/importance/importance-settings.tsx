/**
 * The settings of parameter importance.
 */

import { IconButton } from "@/ui/controls/icon-button";
import { ColumnName } from "@/ui/text/column-name";
import { ColumnField } from "../over-runs/column-field";
import { ScopeRow } from "../over-runs/option-rows";
import type { PanelSettingsProps } from "../panel-props";
import { SettingRow, SettingsSection } from "../settings/settings-fields";
import { useTarget } from "./importance-panel";
import { type ImportanceOptions, importanceOptions } from "./options";

export function ImportanceSettings(props: PanelSettingsProps) {
  const { project, panel, onPanel } = props;
  const options = importanceOptions(panel);
  const target = useTarget(props, true);
  const set = (part: Partial<ImportanceOptions>) => onPanel({ options: { ...panel.options, ...part } });
  const { parameters } = options;
  return (
    <>
      <SettingsSection title="Data">
        <SettingRow label="Result" isOwn={null}>
          <ColumnField
            project={project}
            label="Result column"
            value={target}
            needsNumbers
            onChange={(column) => set({ target: column })}
          />
        </SettingRow>
        <ScopeRow
          value={options.scope}
          hasList={props.list !== undefined}
          onChange={(scope) => set({ scope })}
        />
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
              onClick={() => set({ parameters: parameters.filter((other) => other !== column) })}
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
            onChange={(column) =>
              set({ parameters: [...parameters.filter((other) => other !== column), column] })
            }
          />
        </div>
      </SettingsSection>
    </>
  );
}
