/** A view of the workspace as one HTML file. */

import { coarserRequest } from "@/data/report/figure";
import { ApiError, jsonBody, projectPath, request } from "../client";
import type { FigureRecorder } from "../reports/figures";
import type { ProjectRef, Schemas } from "../types";

type ViewFile = Omit<Schemas["ViewFileCreate"], "requests">;

/** Times that curves are made half as fine for a file that is too large. */
const HALVINGS = 3;

/** The file of a project's view, with the answers to what a recorder has noted. */
export async function exportView(
  project: ProjectRef,
  recorder: FigureRecorder,
  file: ViewFile,
): Promise<Blob> {
  for (let halvings = 0; ; halvings++)
    try {
      const requests = recorder.requestsOf(project).map((single) => coarserRequest(single, halvings));
      const body = jsonBody<"ViewFileCreate">("POST", { ...file, requests });
      return await (await request(`${projectPath(project)}/view-file`, body)).blob();
    } catch (error) {
      if (!(error instanceof ApiError && error.code === "limit") || halvings >= HALVINGS) throw error;
    }
}
