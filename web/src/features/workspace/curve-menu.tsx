/** The menu of a curve, at the pointer: its run's, or its group's, as rows of the list have it. */

import { useQuery } from "@tanstack/react-query";
import { useEffect, useEffectEvent } from "react";
import { runQuery } from "@/api/runs/run";
import type { ProjectRef } from "@/api/types";
import { withRuns } from "@/data/runs/shown-runs";
import type { OwnerAnchor } from "@/panels/panel-props";
import { useRunActions } from "../runs/actions/run-actions";
import { RunMenu } from "../runs/actions/run-menu";
import { useSetView, useView } from "../view/view-store";
import GroupRowMenu from "./rows/group-row-menu";
import type { WorkspaceRuns } from "./use-workspace-runs";

interface CurveMenuProps {
  readonly project: ProjectRef;
  readonly listed: WorkspaceRuns;
  readonly anchor: OwnerAnchor | null;
  onClose(): void;
}

export default function CurveMenu({ project, listed: { runs, drawn }, anchor, onClose }: CurveMenuProps) {
  const actions = useRunActions(project);
  const setView = useSetView();
  const baseline = useView((view) => view.baseline);
  const owner = anchor?.owner ?? "";
  const row = drawn.find(({ id }) => id === owner);
  // the baseline is drawn even where the list does not have it
  const isBase = owner !== "" && owner === baseline;
  const base = useQuery({ ...runQuery(project, owner), enabled: isBase && !row }).data;
  const run = row ?? (isBase && base ? { ...base, color: base.color ?? 0 } : null);
  const isGroup = runs.request.by.length > 0 && !row && !isBase && owner.startsWith("[");
  const values = isGroup ? (JSON.parse(owner) as unknown[]) : null;
  // a run may be deleted or filtered out while its menu is open
  const isGone = anchor !== null && !row && !isBase && values === null;
  const close = useEffectEvent(onClose);
  useEffect(() => {
    if (isGone) close();
  }, [isGone]);
  return (
    <>
      <RunMenu
        project={project}
        anchor={anchor && run && { ...anchor, run }}
        actions={actions}
        onClose={onClose}
        onStyle={anchor?.onStyle}
        onHide={
          row && (() => setView(({ selection }) => ({ selection: withRuns(selection, [owner], false) })))
        }
      />
      <GroupRowMenu
        project={project}
        runs={runs}
        anchor={anchor && values && { ...anchor, group: { values, nRuns: nRunsOf(values) } }}
        isAtCurve
        onStyle={anchor?.onStyle}
        onClose={onClose}
      />
    </>
  );

  /** Null where the list does not have the group in sight, as inside of a closed one. */
  function nRunsOf(of: readonly unknown[]): number | null {
    const index = runs.indexOfGroup(of);
    const row = index === null ? null : runs.rowAt(index);
    return row?.kind === "group" ? row.group.nRuns : null;
  }
}
