import type { ReactNode } from "react";
import type { Shown } from "@/data/runs/shown-runs";
import { noneHas } from "@/data/text/counted";
import { formatNoun } from "@/data/text/format";
import { Button } from "@/ui/controls/button";
import { type PanelState, stateOf } from "../frame/panel-frame";
import type { PanelProps } from "../panel-props";

const ALL_SHOWN: Shown = {
  selection: { base: "all", on: [], off: [] },
  hiddenGroups: [],
  shownGroups: [],
};

/**
 * Says that no run of a panel has what it shows, and shows the hidden ones; `children` say where that comes from if no
 * run is hidden.
 */
export function NoRunHas(props: { of: PanelProps; what: string; children: ReactNode }) {
  const { runs, nHidden = 0, list, panel } = props.of;
  return (
    <>
      {noneHas(runs.length, "run", nHidden > 0 ? "shown" : "all")} {props.what}.{" "}
      {nHidden > 0
        ? `${formatNoun(nHidden, "other run")} of the list ${nHidden === 1 ? "is" : "are"} hidden.`
        : props.children}
      {nHidden > 0 && list && (
        <Button isSmall onClick={() => list.onShown(ALL_SHOWN, panel.id, {})}>
          Show all
        </Button>
      )}
    </>
  );
}

/** The state of a media panel that shows a query's answer. */
export function mediaState(
  props: PanelProps,
  query: Parameters<typeof stateOf>[0],
  hasMedia: boolean,
): PanelState {
  const {
    panel: { keys },
    runs,
  } = props;
  if (keys.length === 0) return { is: "empty", say: "Choose a metric with images or other media." };
  if (runs.length === 0) return { is: "empty", say: "No run is shown." };
  const empty = (
    <NoRunHas of={props} what={`media called ${keys.join(", ")}`}>
      Media given to <span className="mono">run.log()</span> under{" "}
      {keys.length === 1 ? "this name appear" : "these names appear"} here.
    </NoRunHas>
  );
  return stateOf(query, hasMedia ? null : empty);
}
