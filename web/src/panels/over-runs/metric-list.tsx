import { IconButton } from "@/ui/controls/icon-button";
import type { PanelSettingsProps } from "../panel-props";
import { MetricField } from "./metric-field";

interface MetricListProps extends Pick<PanelSettingsProps, "project" | "panel" | "onPanel"> {
  /** Those offered; of any kind without it. */
  readonly kind?: "number" | "object";
}

export function MetricList({ project, panel, kind, onPanel }: MetricListProps) {
  const without = (key: string) => panel.keys.filter((other) => other !== key);
  return (
    <>
      {panel.keys.map((key) => (
        <div className="yr" key={key}>
          <span className="mono ell grow">{key}</span>
          <IconButton
            icon="x"
            label={`Remove ${key}`}
            isSmall
            onClick={() => onPanel({ keys: without(key) })}
          />
        </div>
      ))}
      <div className="yr">
        <MetricField
          key={panel.keys.length}
          project={project}
          label="Add a metric"
          kind={kind}
          value={null}
          placeholder="Add a metric"
          onChange={(key) => onPanel({ keys: [...without(key), key] })}
        />
      </div>
    </>
  );
}
