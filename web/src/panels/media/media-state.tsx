import { formatNoun } from "@/data/text/format";
import { type PanelState, stateOf } from "../frame/panel-frame";
import type { PanelProps } from "../panel-props";

/** The state of a media panel that shows a query's answer. */
export function mediaState(
  { panel: { keys }, runs }: PanelProps,
  query: Parameters<typeof stateOf>[0],
  hasMedia: boolean,
): PanelState {
  if (keys.length === 0) return { is: "empty", say: "Choose a metric with images or other media." };
  if (runs.length === 0) return { is: "empty", say: "No run is shown." };
  const empty = (
    <>
      None of {formatNoun(runs.length, "run")} has media called {keys.join(", ")}. Media given to{" "}
      <span className="mono">run.log()</span> under{" "}
      {keys.length === 1 ? "this name appear" : "these names appear"} here.
    </>
  );
  return stateOf(query, hasMedia ? null : empty);
}
