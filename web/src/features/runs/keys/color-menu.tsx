/**
 * The button that says what runs are coloured by, and changes it.
 */

import { lazy } from "react";
import type { ProjectRef } from "@/api/types";
import { columnLabel } from "@/data/table/columns";
import { useView } from "../../view/view-store";
import type { Runs } from "../use-runs";
import { ListButton } from "./list-button";

const ColorKey = lazy(() => import("./color-key"));

interface ColorMenuProps {
  readonly project: ProjectRef;
  readonly runs: Runs;
  readonly isIcon?: boolean;
}

export function ColorMenu({ project, runs, isIcon }: ColorMenuProps) {
  const colorBy = useView((view) => view.colorBy);
  const value = colorBy === null ? null : `by ${columnLabel(colorBy)}`;
  return (
    <ListButton icon="drop" label="Color" value={value} width={300} isIcon={isIcon}>
      <ColorKey project={project} runs={runs} />
    </ListButton>
  );
}
