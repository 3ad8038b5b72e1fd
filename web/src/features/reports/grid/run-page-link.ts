/** The page of a run that a report names: in its project, or behind a link that shows the pages of runs. Pure. */

import type { LinkProps } from "@tanstack/react-router";
import { SHARED_ENTITY } from "@/api/client";
import type { ProjectRef } from "@/api/types";
import type { ReportFrame } from "../report-context";

/** Stands for the text of a report in the address of a page behind a link; the server names it so, too. */
export const TEXT_BLOCK = "~";

/**
 * The target of a link to a run's page; null: the reader has none.
 *
 * @param block id of the grid that draws the run, or `TEXT_BLOCK`
 * @param project as the report names it, or as a link's requests do
 */
export function runPageOf(
  { isShared, linkOfPages }: Pick<ReportFrame, "isShared" | "linkOfPages">,
  block: string,
  { entity, project }: ProjectRef,
  run: string,
): LinkProps | null {
  if (!isShared) return { to: "/$entity/$project/runs/$run", params: { entity, project, run } };
  if (!linkOfPages) return null;
  const part = entity === SHARED_ENTITY ? project : `${linkOfPages}.${block}.${project}`;
  return { to: "/share/$link", params: { link: `${part}.${run}` } };
}
