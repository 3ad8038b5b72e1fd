import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { runQuery } from "@/api/runs/run";
import type { ProjectRef } from "@/api/types";
import type { PanelRun } from "@/panels/panel-props";
import { useView } from "../view/view-store";

/** The view's baseline as panels draw it; null: the view has no baseline, or it is not loaded. */
export function useBaseline(project: ProjectRef): PanelRun | null {
  const id = useView((view) => view.baseline);
  const run = useQuery({ ...runQuery(project, id ?? ""), enabled: id !== null }).data;
  const { name, state, color = 0 } = run ?? {};
  return useMemo(
    () => (id && name !== undefined ? { id, name, color, isLive: state === "running" } : null),
    [id, name, color, state],
  );
}
