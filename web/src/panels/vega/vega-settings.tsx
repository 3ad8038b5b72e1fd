/** The settings of a Vega-Lite panel: the specification, and the metrics of the table `history`. */

import { useState } from "react";
import { MetricList } from "../over-runs/metric-list";
import type { PanelSettingsProps } from "../panel-props";
import { SettingsSection } from "../settings/settings-fields";
import { readSpec, specText } from "./options";
import "../settings/code-area.css";
import "./vega.css";

export default function VegaSettings({ project, panel, onPanel }: PanelSettingsProps) {
  // what is no JSON yet stays here: the panel keeps drawing the last one that was
  const [typed, setTyped] = useState<string | null>(null);
  const text = typed ?? specText(panel);
  const { error } = readSpec(text);
  const type = (next: string) => {
    setTyped(next);
    if (readSpec(next).value) onPanel({ options: { ...panel.options, spec: next } });
  };
  return (
    <>
      <SettingsSection title="Specification" note="Vega-Lite, or Vega, as JSON">
        <div className="vega-spec">
          <textarea
            className={error ? "code-area err" : "code-area"}
            aria-label="Specification"
            aria-invalid={error ? true : undefined}
            spellCheck={false}
            rows={22}
            value={text}
            onChange={(event) => type(event.target.value)}
            onBlur={() => error === null && setTyped(null)}
          />
          {error && (
            <div className="errt" role="alert">
              {error}
            </div>
          )}
          <p className="hint">
            Data: <span className="mono">{'{"name": "runs"}'}</span> with id, name, state, color and each
            column that is named, as <span className="mono">config.lr</span>;{" "}
            <span className="mono">{'{"name": "history"}'}</span> with run, name, color, key, x, axis, value,
            min and max of the metrics below. Their x is as defined, and <span className="mono">axis</span>{" "}
            names it; a specification with a field <span className="mono">step</span> is given steps.
          </p>
        </div>
      </SettingsSection>
      <SettingsSection title="Metrics" note="of the table history">
        <MetricList project={project} panel={panel} kind="number" onPanel={onPanel} />
      </SettingsSection>
    </>
  );
}
