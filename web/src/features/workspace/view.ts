/**
 * A workspace's view: all that a person can change about what they see, and how it reads in the URL.
 *
 * Pure. `view-store.tsx` holds it; a link with its search part shows another person the same thing.
 */

import type { Range } from "@/charts/axis/scale";
import type { Axis } from "@/data/columns";

/** Which of the listed runs the charts show: a base, and the runs that differ from it. */
export interface RunSelection {
  readonly base: "newest" | "all" | "none";
  readonly on: readonly string[];
  readonly off: readonly string[];
}

export interface WorkspaceView {
  readonly runSearch: string;
  readonly isRunRegex: boolean;
  readonly panelSearch: string;
  readonly isPanelRegex: boolean;
  readonly axis: Axis;
  /** `[0, 1)`. */
  readonly smoothing: number;
  readonly selection: RunSelection;
  /** By metric, in units of `axis`. */
  readonly zoom: Readonly<Record<string, Range>>;
  /** Metrics with a logarithmic y axis. */
  readonly log: readonly string[];
  /** Sections that are not as they begin: closed, or (system) open. */
  readonly flipped: readonly string[];
  /** Page of each section that is not at its first; from 0. */
  readonly pages: Readonly<Record<string, number>>;
  /** The metric shown in full screen. */
  readonly full: string | null;
}

export const SMOOTHING_MAX = 0.99;

export const FIRST_VIEW: WorkspaceView = {
  runSearch: "",
  isRunRegex: false,
  panelSearch: "",
  isPanelRegex: false,
  axis: "step",
  smoothing: 0,
  selection: { base: "newest", on: [], off: [] },
  zoom: {},
  log: [],
  flipped: [],
  pages: {},
  full: null,
};

/** The search part of a URL, one text per name. */
export type SearchText = Readonly<Record<string, string>>;

/** The view that a URL's search part describes; what it does not name, or names wrongly, is as at first. */
export function viewFromSearch(search: SearchText): WorkspaceView {
  const smoothing = Number(search.smooth ?? 0);
  const base = search.runs;
  return {
    runSearch: search.q ?? "",
    isRunRegex: search.re === "1",
    panelSearch: search.p ?? "",
    isPanelRegex: search.pre === "1",
    axis: search.x === "time" ? "time" : "step",
    smoothing: smoothing > 0 ? Math.min(smoothing, SMOOTHING_MAX) : 0,
    selection: {
      base: base === "all" || base === "none" ? base : "newest",
      on: listOf(search.on),
      off: listOf(search.off),
    },
    zoom: zoomOf(search.zoom),
    log: listOf(search.log),
    flipped: listOf(search.fold),
    pages: pagesOf(search.page),
    full: search.full ?? null,
  };
}

/** The search part that describes a view: only what differs from the first view. */
export function searchFromView(view: WorkspaceView): Record<string, string> {
  const { selection, zoom, pages } = view;
  const search: Record<string, string> = {};
  const put = (name: string, text: string) => {
    if (text) search[name] = text;
  };
  put("q", view.runSearch);
  put("re", view.isRunRegex ? "1" : "");
  put("runs", selection.base === "newest" ? "" : selection.base);
  put("on", textOf(selection.on));
  put("off", textOf(selection.off));
  put("p", view.panelSearch);
  put("pre", view.isPanelRegex ? "1" : "");
  put("x", view.axis === "step" ? "" : view.axis);
  put("smooth", view.smoothing ? String(view.smoothing) : "");
  put(
    "zoom",
    textOf(
      Object.entries(zoom).map(([key, range]) => [key, ...range].map(String)),
      ":",
    ),
  );
  put("log", textOf(view.log));
  put("fold", textOf(view.flipped));
  put(
    "page",
    textOf(
      Object.entries(pages).flatMap(([key, page]) => (page > 0 ? [[key, String(page + 1)]] : [])),
      ":",
    ),
  );
  put("full", view.full ?? "");
  return search;
}

// Keys may hold commas and colons: each part of a list is escaped by itself.
function textOf(items: readonly string[] | readonly string[][], within = ""): string {
  return items
    .map((item) => (typeof item === "string" ? escapePart(item) : item.map(escapePart).join(within)))
    .join(",");
}

function escapePart(text: string): string {
  return text.replace(/[%,:]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
}

function unescapePart(text: string): string {
  return text.replace(/%(25|2c|3a)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function listOf(text: string | undefined): string[] {
  return text ? text.split(",").map(unescapePart) : [];
}

function zoomOf(text: string | undefined): Record<string, Range> {
  const zoom: Record<string, Range> = {};
  for (const item of text?.split(",") ?? []) {
    const [key, lo, hi] = item.split(":").map(unescapePart);
    if (key && Number(hi) > Number(lo)) zoom[key] = [Number(lo), Number(hi)];
  }
  return zoom;
}

function pagesOf(text: string | undefined): Record<string, number> {
  const pages: Record<string, number> = {};
  for (const item of text?.split(",") ?? []) {
    const [key, page] = item.split(":").map(unescapePart);
    if (key && Number(page) > 1) pages[key] = Math.floor(Number(page)) - 1;
  }
  return pages;
}
