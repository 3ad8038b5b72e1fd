/**
 * The state of a line panel without curves: the reason, and what helps.
 */

import { panelNames } from "@/data/view/panel-names";
import { type PanelState, stateOf } from "../../frame/panel-frame";
import type { PanelProps } from "../../panel-props";
import { emptyWords } from "../curves/empty-words";
import { isAnswered, type LineData } from "../curves/use-line-data";

export function stateOfLine(props: PanelProps, data: LineData): PanelState {
  const { panel, runs } = props;
  const { request, curves, query } = data;
  const nothing = request.keys.length === 0 && (request.expressions?.length ?? 0) === 0;
  if (runs.length === 0) return { is: "empty", say: "No run is shown." };
  if (data.wrongAxis !== null)
    return {
      is: "empty",
      say: `This expression cannot be the x axis: ${data.wrongAxis}`,
      action: <UseStep of={props} />,
    };
  // what has come may be the answer to an earlier text
  if (nothing && panel.expressions.length > 0 && data.wrong.size > 0)
    return {
      is: "empty",
      say: `Its expression cannot be read: ${[...data.wrong.values()][0]}.`,
      action: <Settings of={props} />,
    };
  if (nothing && query.data === undefined) {
    const isWaiting = Boolean(panel.pattern) && !query.isFetched && panel.keys.length === 0;
    if (!isWaiting && panel.expressions.length === 0)
      return { is: "empty", say: "No metric is drawn.", action: <Settings of={props} /> };
  }
  const isEmpty = curves.length === 0 && isAnswered(data);
  return isEmpty ? emptyState(props, data) : stateOf(query, null);
}

/** Without a curve: why, and what helps. */
function emptyState(props: PanelProps, { missing }: LineData): PanelState {
  const { panel, settings, runs, zoom, onZoom } = props;
  if (zoom)
    return {
      is: "empty",
      say: "No point in this range.",
      action: <Help says="Show the whole range" onHelp={() => onZoom(panel.id, null)} />,
    };
  const name = panelNames(panel).whole;
  const isComputed = panel.expressions.length > 0 || settings.axis === "expression";
  const { say, isForX } = emptyWords({ missing, runs, name, isComputed });
  // where its own metric is missing, steps would show nothing either
  const lacksOwn = missing.every(({ key, reason }) => reason.startsWith(`the run has no metric '${key}'`));
  const isForAxis = settings.axis === "expression" && !lacksOwn;
  return {
    is: "empty",
    say,
    action: (isForX || isForAxis) && <UseStep of={props} />,
  };
}

function Help({ says, onHelp }: { says: string; onHelp(): void }) {
  return (
    <button type="button" className="btn sm" onClick={onHelp}>
      {says}
    </button>
  );
}

function UseStep({ of: { panel, onChange } }: { of: PanelProps }) {
  const byStep = { settings: { ...panel.settings, axis: "step", axisBy: null } } as const;
  return <Help says="Use step" onHelp={() => onChange(panel.id, byStep)} />;
}

function Settings({ of: { panel, isReadOnly, onEdit } }: { of: PanelProps }) {
  if (isReadOnly) return null;
  return <Help says="Open its settings" onHelp={() => onEdit(panel.id)} />;
}
