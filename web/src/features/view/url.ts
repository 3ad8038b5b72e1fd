/**
 * A view as the search part of a URL. Pure.
 *
 * What people read and edit there has a name of its own; all the rest is one compressed text, `w`. Only what
 * differs from the first view is written; of a saved view (`view`) as it was saved, nothing but its id. A state
 * too long for a URL lies on the server and is named by `link`.
 */

import { deflateSync, inflateSync, strFromU8, strToU8 } from "fflate";
import { documentOf, type ViewDocument } from "@/data/view/document";
import { range, readView, settings } from "@/data/view/read";
import { hasAxisBy, type PanelSettings, type Smoothing } from "@/data/view/settings";
import { FIRST_VIEW, type Order, type Range, type View } from "@/data/view/view";

/** The search part of a URL, one text per name. */
export type SearchText = Readonly<Record<string, string>>;

export interface ViewUrl {
  /** Fields that the URL does not name are as at first. */
  readonly view: View;
  /** Id of a saved view; null: the default one. */
  readonly saved: string | null;
  /** Id of a document on the server with the lasting fields; null: they are in the URL. */
  readonly link: string | null;
  /** Whether the URL says what lasts; else it is as it was saved. */
  readonly hasState: boolean;
}

const MOMENT = ["q", "re", "only", "p", "pre", "zoom", "at", "full", "edited"] as const;
const LASTING = ["filter", "group", "sort", "runs", "on", "off", "x", "smooth", "w", "link"] as const;
const OWN: ReadonlySet<string> = new Set([...MOMENT, ...LASTING, "view"]);

/** Lasting fields with a name of their own. */
const NAMED = ["filter", "groupBy", "order", "selection"] as const;

/** In place of `w`: the lasting fields are those of the first view. */
const NOTHING = "-";

/** A longer `w` comes from no page of this app, and could unfold to anything. */
const MAX_PACKED_CHARS = 64_000;

/** The parts of a URL's search that are other pages' and stay as they are. */
export function foreignPart(search: SearchText): Record<string, string> {
  return Object.fromEntries(Object.entries(search).filter(([name]) => !OWN.has(name)));
}

/** The view's own parts as one text, whatever their order. */
export function ownText(search: SearchText): string {
  const own = Object.entries(search).filter(([name]) => OWN.has(name));
  return new URLSearchParams(own.sort(([a], [b]) => (a < b ? -1 : 1))).toString();
}

/** The view of a URL's search part; fields that it does not name, or names wrongly, are as at first. */
export function viewUrlFromSearch(search: SearchText): ViewUrl {
  const base = search.runs;
  const rest = readView(unpacked(search.w));
  const view: View = {
    ...rest,
    settings: { ...rest.settings, ...axisOf(search.x), ...smoothingOf(search.smooth) },
    runSearch: search.q ?? "",
    isRunRegex: search.re === "1",
    filter: search.filter ?? "",
    passingFilter: search.only ?? "",
    groupBy: listOf(search.group),
    order: ordersOf(search.sort),
    selection: {
      base: base === "all" || base === "none" ? base : "newest",
      on: listOf(search.on),
      off: listOf(search.off),
    },
    panelSearch: search.p ?? "",
    isPanelRegex: search.pre === "1",
    zoom: zoomsOf(search.zoom),
    mediaSteps: stepsOf(search.at),
    full: search.full ?? null,
    edited: search.edited ?? null,
  };
  const hasState = LASTING.some((name) => search[name] !== undefined);
  return { view, saved: search.view ?? null, link: search.link ?? null, hasState };
}

/** The search part that describes the fields of the moment. */
export function momentOf(view: View): Record<string, string> {
  const zooms = Object.entries(view.zoom).map(([key, range]) => [key, ...range].map(String));
  const steps = Object.entries(view.mediaSteps).map(([key, step]) => [key, String(step)]);
  return written({
    q: view.runSearch,
    re: view.isRunRegex ? "1" : "",
    only: view.passingFilter,
    p: view.panelSearch,
    pre: view.isPanelRegex ? "1" : "",
    zoom: textOf(zooms, ":"),
    at: textOf(steps, ":"),
    full: view.full ?? "",
    edited: view.edited ?? "",
  });
}

/** The search part of a saved view as it was saved. */
export function searchOfSaved(view: View, saved: string): Record<string, string> {
  return { view: saved, ...momentOf(view) };
}

/** The search part of a view whose lasting fields lie on the server. */
export function searchOfLink(view: View, saved: string | null, link: string): Record<string, string> {
  return { ...written({ view: saved ?? "" }), ...momentOf(view), link };
}

/** The search part that describes all of a view; with `saved`, as a change of that view. */
export function searchFromView(view: View, saved: string | null = null): Record<string, string> {
  const { selection, settings } = view;
  const x = textOfAxis(settings);
  const lasting = written({
    filter: view.filter,
    group: textOf(view.groupBy),
    sort: textOf(view.order.map(textOfOrder)),
    runs: selection.base === "newest" ? "" : selection.base,
    on: textOf(selection.on),
    off: textOf(selection.off),
    x,
    smooth: textOfSmoothing(settings.smoothing),
    w: packed(documentOf({ ...view, ...fieldsOf(FIRST_VIEW, NAMED), settings: unnamed(settings, x !== "") })),
  });
  if (saved !== null && Object.keys(lasting).length === 0) lasting.w = NOTHING;
  return { ...written({ view: saved ?? "" }), ...momentOf(view), ...lasting };
}

/** Settings without those that the URL names by themselves. */
function unnamed(settings: Partial<PanelSettings>, isAxisNamed: boolean): Partial<PanelSettings> {
  const { smoothing: _, ...rest } = settings;
  if (!isAxisNamed) return rest;
  const { axis: _a, axisBy: _m, ...others } = rest;
  return others;
}

/** Empty where nothing is set, or by halves. */
function textOfAxis({ axis, axisBy }: Partial<PanelSettings>): string {
  if (axis === undefined || axisBy === undefined) return "";
  if (hasAxisBy(axis)) return axisBy === null ? "" : `${axis}:${axisBy}`;
  return axisBy === null ? axis : "";
}

function axisOf(text: string | undefined): Partial<PanelSettings> {
  const [, kind, by = null] = /^(metric|expression):(.*)$/s.exec(text ?? "") ?? [];
  const { axis } = settings({ axis: kind ?? text }) ?? {};
  return axis === undefined || hasAxisBy(axis) !== (by !== null) ? {} : { axis, axisBy: by };
}

/** `0.6`, or of another kind `gaussian:0.1`. */
function textOfSmoothing(smoothing: Smoothing | undefined): string {
  if (!smoothing) return "";
  const { kind, amount } = smoothing;
  return kind === "ema" ? String(amount) : `${kind}:${amount}`;
}

function smoothingOf(text: string | undefined): Partial<PanelSettings> {
  if (!text) return {};
  const [kind, amount] = text.includes(":") ? text.split(":") : ["ema", text];
  return settings({ smoothing: { kind, amount: amount ? Number(amount) : null } }) ?? {};
}

function fieldsOf<K extends keyof View>(view: View, keys: readonly K[]): Pick<View, K> {
  return Object.fromEntries(keys.map((key) => [key, view[key]])) as Pick<View, K>;
}

/** Only what is not empty. */
function written(search: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(search).filter(([, text]) => text !== ""));
}

function packed(document: ViewDocument): string {
  if (Object.keys(document).length === 0) return "";
  return textOfBytes(deflateSync(strToU8(JSON.stringify(document)), { level: 9 }));
}

function unpacked(text: string | undefined): unknown {
  if (!text || text === NOTHING || text.length > MAX_PACKED_CHARS) return {};
  try {
    return JSON.parse(strFromU8(inflateSync(bytesOf(text))));
  } catch {
    return {};
  }
}

// base64 of URLs: what a link may hold without escaping
function textOfBytes(bytes: Uint8Array): string {
  return btoa(strFromU8(bytes, true)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function bytesOf(text: string): Uint8Array {
  return strToU8(atob(text.replaceAll("-", "+").replaceAll("_", "/")), true);
}

// Keys may hold commas and colons: each part of a list is escaped by itself.
function textOf(items: readonly string[] | readonly string[][], within = ""): string {
  return items
    .map((item) => (typeof item === "string" ? escapePart(item) : item.map(escapePart).join(within)))
    .join(",");
}

function escapePart(text: string): string {
  if (text === "") return "%";
  return text.replace(/[%,:]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
}

function unescapePart(text: string): string {
  if (text === "%") return "";
  return text.replace(/%(25|2c|3a)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function listOf(text: string | undefined): string[] {
  return text ? text.split(",").map(unescapePart) : [];
}

/** `-created` goes down; a column that begins with a sign has another before it. */
function textOfOrder({ column, descending }: Order): string {
  if (descending) return `-${column}`;
  return /^[-+]/.test(column) ? `+${column}` : column;
}

function ordersOf(text: string | undefined): Order[] {
  return listOf(text).map((item) => ({
    column: /^[-+]/.test(item) ? item.slice(1) : item,
    descending: item.startsWith("-"),
  }));
}

function zoomsOf(text: string | undefined): Record<string, Range> {
  const zoom: Record<string, Range> = {};
  for (const item of text?.split(",") ?? []) {
    const [key, lo, hi] = item.split(":").map(unescapePart);
    const zoomRange = range([Number(lo), Number(hi)]);
    if (key !== undefined && zoomRange) zoom[key] = zoomRange;
  }
  return zoom;
}

function stepsOf(text: string | undefined): Record<string, number> {
  const steps: Record<string, number> = {};
  for (const item of text?.split(",") ?? []) {
    const [key, step] = item.split(":").map(unescapePart);
    if (key !== undefined && step && Number.isFinite(Number(step))) steps[key] = Number(step);
  }
  return steps;
}
