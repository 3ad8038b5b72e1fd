/**
 * The palettes of a list: of a run, of a group, and of a value where the view colours runs by their values.
 */

import { type ReactNode, useState } from "react";
import type { RunGroup } from "@/api/groups";
import type { RunRow } from "@/api/run-rows";
import type { ProjectRef } from "@/api/types";
import { colorOfGroup, groupOfValue } from "@/data/color";
import { groupName } from "@/data/group-name";
import { groupId } from "@/data/view/view";
import { useSetView, useView } from "../view/view-store";
import { anchorAt, Palette, type RunAnchor, RunPalette } from "./run-menu";
import type { RunColors } from "./use-colors";

/** A group, by its id, and where on the page its palette opens. */
interface GroupAnchor {
  readonly id: string;
  readonly left: number;
  readonly top: number;
}

interface Palettes {
  onPalette(run: RunRow, element: Element): void;
  onGroupPalette(group: RunGroup, element: Element): void;
  readonly palettes: ReactNode;
}

export function usePalettes(project: ProjectRef, { groupColors }: RunColors): Palettes {
  const colorBy = useView((view) => view.colorBy);
  const setView = useSetView();
  const [run, setRun] = useState<RunAnchor | null>(null);
  const [group, setGroup] = useState<GroupAnchor | null>(null);
  const openGroup = (id: string, element: Element) => {
    const { left, bottom } = element.getBoundingClientRect();
    setGroup({ id, left, top: bottom });
  };
  return {
    onPalette: (one, element) =>
      colorBy === null
        ? setRun(anchorAt(one, element))
        : openGroup(groupOfValue(one.values[colorBy]), element),
    onGroupPalette: ({ values }, element) => openGroup(groupId(values), element),
    palettes: (
      <>
        <RunPalette project={project} anchor={run} onClose={() => setRun(null)} />
        <Palette
          name={group && groupName(JSON.parse(group.id) as unknown[])}
          color={group ? colorOfGroup(groupColors, group.id) : 0}
          place={group}
          onChoose={(color) =>
            group && setView((view) => ({ groupColors: { ...view.groupColors, [group.id]: color } }))
          }
          onClose={() => setGroup(null)}
        />
      </>
    ),
  };
}
