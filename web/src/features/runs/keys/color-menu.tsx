import { lazy } from "react";
import type { ProjectRef } from "@/api/types";
import { columnLabel } from "@/data/table/columns";
import { useView } from "../../view/view-store";
import type { Runs } from "../use-runs";
import { ListButton } from "./list-button";
import { useAlikeColors } from "./use-alike-colors";

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
  const alike = useAlikeColors(props.project, props.runs);
  return <Menu {...props} offer={alike && `${alike.says}: open to tell them apart`} />;
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
