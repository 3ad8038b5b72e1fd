import type { ProjectRef } from "@/api/types";
import { Button } from "@/ui/controls/button";
import { useSetView } from "../../view/view-store";
import { useRunActions } from "../actions/run-actions";
import type { AlikeColors } from "./use-alike-colors";

interface TellApartProps {
  readonly project: ProjectRef;
  readonly alike: AlikeColors;
  readonly look?: "plain" | "quiet";
}

/** Gives runs, or groups, that are shown together colours apart: those of groups in the view, those of runs for everyone. */
export function TellApart({ project, alike, look }: TellApartProps) {
  const setView = useSetView();
  const actions = useRunActions(project);
  const { colors, runs, isGrouped } = alike;
  const tellApart = () => {
    if (isGrouped)
      setView((view) => ({ groupColors: { ...view.groupColors, ...Object.fromEntries(colors) } }));
    else void actions.recolorAll(runs, colors);
  };
  return (
    <Button look={look} isSmall onClick={tellApart}>
      Tell them apart
    </Button>
  );
}
