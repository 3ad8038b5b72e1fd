/** The fields of the x axis' menu that name a metric or an expression. */

import type { ProjectRef } from "@/api/types";
import { type AxisKind, FIRST_SETTINGS } from "@/data/view/settings";
import { MetricField } from "../../over-runs/metric-field";
import { ExpressionField } from "../expression/expression-field";

interface AxisFieldsProps {
  readonly project: ProjectRef;
  readonly axis: AxisKind;
  /** The metric or the expression that x is. */
  readonly axisBy: string | null;
  onChoose(axis: AxisKind, by?: string | null): void;
  onClose(): void;
}

export function AxisFields({ project, axis, axisBy, onChoose, onClose }: AxisFieldsProps) {
  return (
    <>
      <div className="axis-metric">
        <span className="meta">Or a metric</span>
        <MetricField
          project={project}
          label="Metric of the x axis"
          placeholder="epoch, tokens"
          kind="number"
          value={axis === "metric" ? axisBy : null}
          onChange={(metric) => {
            onChoose("metric", metric);
            onClose();
          }}
        />
      </div>
      <div className="axis-metric">
        <span className="meta">Or an expression</span>
        <ExpressionField
          project={project}
          label="Expression of the x axis"
          text={axis === "expression" ? (axisBy ?? "") : ""}
          placeholder="_step * config.batch_size"
          isAxis
          onText={(text) => (text ? onChoose("expression", text) : onChoose(FIRST_SETTINGS.axis))}
        />
      </div>
    </>
  );
}
