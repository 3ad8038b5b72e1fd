import { readableText } from "@/data/expression/expression-text";
import { formatNoun } from "@/data/text/format";
import { panelNames } from "@/data/view/panel-names";
import { showDone } from "@/ui/overlays/toasts";
import type { PanelProps } from "../../panel-props";
import type { LineData } from "../curves/use-line-data";

/** Names in the hint. */
const MOST_NAMES = 12;

interface OtherAxisFlagProps {
  readonly of: PanelProps;
  readonly data: Pick<LineData, "curves" | "allCurves">;
}

/** The flag of curves that are left out as their x is another metric's: `8 runs by step`; a click draws all by step. */
export default function OtherAxisFlag({ of, data: { curves, allCurves } }: OtherAxisFlagProps) {
  const { panel, onChange } = of;
  const main = curves[0]?.columns.axisMetric ?? "";
  const others = allCurves.filter(({ columns }) => columns.axisMetric !== main);
  const axes = [...new Set(others.map(({ columns }) => axisName(columns.axisMetric)))];
  const runs = new Set(others.map(({ columns }) => columns.run));
  // a run with a curve in the chart is not left out
  const areRuns = runs.size === others.length && !curves.some(({ columns }) => runs.has(columns.run));
  const byStep = { settings: { ...panel.settings, axis: "step", axisBy: null } } as const;
  const drawByStep = () => {
    onChange(panel.id, byStep);
    showDone(`${panelNames(panel).short} is drawn by step`, {
      label: "Undo",
      run: () => onChange(panel.id, { settings: panel.settings }),
    });
  };
  const names = others.slice(0, MOST_NAMES).map(({ name }) => name);
  if (others.length > names.length) names.push("…");
  return (
    <button
      type="button"
      className="flag neu"
      onClick={drawByStep}
      title={`Not drawn: their x axis is defined as ${axes.join(" or ")}, that of the others as ${axisName(main)}. Click to draw all by step\n${names.join("\n")}`}
    >
      {formatNoun(others.length, areRuns ? "run" : "curve")} by {axes.length === 1 ? axes[0] : "other x"}
    </button>
  );
}

function axisName(metric: string): string {
  return metric === "" ? "step" : readableText(metric);
}
