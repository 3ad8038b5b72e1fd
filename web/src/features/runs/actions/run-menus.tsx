/**
 * Menus at the rows of a list: a run's menu, and the palettes of a run, of a group, and of a value where the
 * view colours runs by their values.
 */

import { lazy, type ReactNode, Suspense, useState } from "react";
import type { RunGroup } from "@/api/runs/groups";
import type { RunRow } from "@/api/runs/run-rows";
import type { ProjectRef } from "@/api/types";
import { coloringColumns, colorOfGroup, groupOfRun } from "@/data/runs/color";
import { groupName } from "@/data/runs/group-name";
import { groupId } from "@/data/view/view";
import { useStable } from "@/ui/hooks/use-stable";
import { useFirstOpen } from "@/ui/overlays/use-first-open";
import { useSetView, useView } from "../../view/view-store";
import type { RunColors } from "../use-colors";
import { type NamedRun, type RunActions, useRunActions } from "./run-actions";
import { anchorAt, type RunAnchor } from "./run-anchor";

const RunMenu = lazy(async () => ({ default: (await import("./run-menu")).RunMenu }));
const RunPalette = lazy(async () => ({ default: (await import("./run-menu")).RunPalette }));
const Palette = lazy(async () => ({ default: (await import("./run-menu")).Palette }));

/** A group, by its id, and where on the page its palette opens. */
interface GroupAnchor {
  readonly id: string;
  readonly left: number;
  readonly top: number;
}

export interface RunMenus {
  readonly actions: RunActions;
  /** Handlers of memoised rows: they never change. */
  readonly openers: {
    onMenu(run: NamedRun, element: Element): void;
    onPalette(run: RunRow, element: Element): void;
    onGroupPalette(group: RunGroup, element: Element): void;
  };
  readonly opened: ReactNode;
}

/** @param onRename where the name is edited */
export function useRunMenus(
  project: ProjectRef,
  { groupColors }: RunColors,
  onRename: (run: NamedRun) => void,
): RunMenus {
  const colorBy = useView((view) => view.colorBy);
  const groupBy = useView((view) => view.groupBy);
  const setView = useSetView();
  const actions = useRunActions(project);
  const [menu, setMenu] = useState<RunAnchor | null>(null);
  const [run, setRun] = useState<RunAnchor | null>(null);
  const [group, setGroup] = useState<GroupAnchor | null>(null);
  const { isMounted: isUsed } = useFirstOpen(menu !== null || run !== null || group !== null);
  const openGroup = (id: string, element: Element) => {
    const { left, bottom } = element.getBoundingClientRect();
    setGroup({ id, left, top: bottom });
  };
  const onPalette = useStable((target: RunRow, element: Element) => {
    const by = coloringColumns(colorBy, groupBy);
    if (by.length === 0) setRun(anchorAt(target, element));
    else openGroup(groupOfRun(target, by), element);
  });
  const [openers] = useState({
    onMenu: (target: NamedRun, element: Element) => setMenu(anchorAt(target, element)),
    onPalette,
    onGroupPalette: ({ values }: RunGroup, element: Element) => openGroup(groupId(values), element),
  });
  return {
    actions,
    openers,
    opened: isUsed && (
      <Suspense>
        <RunMenu
          project={project}
          anchor={menu}
          actions={actions}
          onClose={() => setMenu(null)}
          onRename={onRename}
        />
        <RunPalette project={project} anchor={run} onClose={() => setRun(null)} />
        <Palette
          name={group && groupName(JSON.parse(group.id) as unknown[])}
          color={group ? colorOfGroup(groupColors, group.id) : 0}
          anchor={group}
          onChoose={(color) =>
            group && setView((view) => ({ groupColors: { ...view.groupColors, [group.id]: color } }))
          }
          onClose={() => setGroup(null)}
        />
      </Suspense>
    ),
  };
}
