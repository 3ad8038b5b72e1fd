import { lazy } from "react";
import type { ProjectRef } from "@/api/types";
import { colorsApart, GROUP_COLORS } from "@/data/runs/color";
import { columnLabel } from "@/data/table/columns";
import { formatNoun } from "@/data/text/format";
import { useView } from "../../view/view-store";
import type { Runs } from "../use-runs";
import { useShownRuns } from "../use-shown-runs";
import { ListButton } from "./list-button";

const ColorKey = lazy(() => import("./color-key"));

interface ColorMenuProps {
  readonly project: ProjectRef;
  readonly runs: Runs;
  readonly isIcon?: boolean;
}

export function ColorMenu(props: ColorMenuProps) {
  // next to charts, whose runs are known there
  return props.isIcon ? <OfferingMenu {...props} /> : <Menu {...props} offer={null} />;
}

/** With a dot where runs that are shown together have one colour. */
function OfferingMenu(props: ColorMenuProps) {
  const { project, runs } = props;
  const isByRun = useView((view) => view.colorBy === null && view.groupBy.length === 0);
  const isGrouped = useView((view) => view.groupBy.length > 0);
  const { drawn } = useShownRuns(project, runs);
  const nAlike = isGrouped
    ? colorsApart(runs.drawnGroups, GROUP_COLORS).size
    : isByRun
      ? colorsApart(drawn).size
      : 0;
  const says = `${formatNoun(nAlike, isGrouped ? "shown group" : "shown run")} ${nAlike === 1 ? "has" : "have"} the color of another`;
  return <Menu {...props} offer={nAlike > 0 ? `${says}: open to tell them apart` : null} />;
}

function Menu({ project, runs, isIcon, offer }: ColorMenuProps & { offer: string | null }) {
  const colorBy = useView((view) => view.colorBy);
  const value = colorBy === null ? null : `by ${columnLabel(colorBy)}`;
  return (
    <ListButton icon="drop" label="Color" value={value} width={300} isIcon={isIcon} offer={offer}>
      <ColorKey project={project} runs={runs} />
    </ListButton>
  );
}
