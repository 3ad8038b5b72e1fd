/** The reports of many projects, in pages. */

import { infiniteQueryOptions, keepPreviousData } from "@tanstack/react-query";
import { requestJson } from "../client";
import type { Schemas } from "../types";

/** A report with its project. */
export type GalleryReport = Schemas["GalleryReport"];

export interface GallerySearch {
  /** The user or team whose projects have them; empty: all. */
  readonly entity: string;
  readonly words: string;
  /** null: in any state. */
  readonly state: "draft" | "published" | null;
}

const PAGE_REPORTS = 24;

/** The reports that one may see, those edited last first. */
export function galleryQuery({ entity, words, state }: GallerySearch) {
  return infiniteQueryOptions({
    queryKey: ["report-gallery", entity, words, state],
    queryFn: ({ signal, pageParam }) => {
      const query = new URLSearchParams({
        limit: String(PAGE_REPORTS),
        ...(entity && { entity }),
        ...(words && { search: words }),
        ...(state && { state }),
        ...(pageParam && { cursor: pageParam }),
      });
      return requestJson<Schemas["ReportGallery"]>(`/reports?${query}`, { signal });
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.cursor ?? undefined,
    placeholderData: keepPreviousData,
    // other people's reports are no events
    staleTime: 0,
  });
}
