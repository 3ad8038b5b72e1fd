/** Images of reports: their addresses, and adding one. */

import { BASE, projectPath, requestJson, sharedRef } from "../client";
import type { ProjectRef, Schemas } from "../types";
import { reportPath } from "./reports";

type ReportImage = Schemas["ReportImage"];

/** Other images are refused, as are larger ones. */
export const IMAGE_TYPES = ["image/png", "image/jpeg", "image/gif", "image/webp"] as const;
export const MOST_IMAGE_BYTES = 10 << 20;

const HASH = /^[0-9a-f]{64}$/;
const REPORT = /^\/projects\/[^/?#]+\/[^/?#]+\/reports\/[^/?#]+$/;
const ADDRESS = /^\/api\/v1(.+)\/images\/([0-9a-f]{64})$/;

/** The address of an image, for the browser. */
export function imageAddress(ref: ProjectRef, report: string, sha256: string): string {
  return `${BASE}${reportPath(ref, report)}/images/${sha256}`;
}

/** The address of an image that a link shows. @param link its end */
export function sharedImageAddress(link: string, sha256: string): string {
  return `${BASE}${projectPath(sharedRef(link))}/report/images/${sha256}`;
}

/** The report and the hash of an image's address; null: it is of something else. */
export function imageOfAddress(url: string): { readonly report: string; readonly sha256: string } | null {
  const [, report, sha256] = ADDRESS.exec(url) ?? [];
  return report && sha256 && isReportPath(report) ? { report, sha256 } : null;
}

/** Whether a text is the path of a report's resources, as `reportPath` makes it. */
export function isReportPath(text: string): boolean {
  return REPORT.test(text) && !text.includes("..");
}

export function isHash(value: unknown): value is string {
  return typeof value === "string" && HASH.test(value);
}

/** Adds an image to a report; one that it has is not stored again. */
export function addImage(
  ref: ProjectRef,
  report: string,
  image: Blob,
  signal: AbortSignal,
): Promise<ReportImage> {
  return requestJson<ReportImage>(`${reportPath(ref, report)}/images`, {
    method: "POST",
    headers: { "content-type": image.type || "application/octet-stream" },
    body: image,
    signal,
  });
}
