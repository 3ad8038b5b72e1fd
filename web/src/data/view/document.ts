/** The document of a view: its lasting fields, as far as they differ from the first view. Pure. */

import { FIRST_VIEW, PASSING, type View } from "./view";

export type ViewDocument = Readonly<Record<string, unknown>>;

const PASSING_SET: ReadonlySet<string> = new Set(PASSING);
const LASTING = (Object.keys(FIRST_VIEW) as (keyof View)[]).filter((key) => !PASSING_SET.has(key));

/** Whether two values of JSON say the same; a field that is undefined is absent. */
function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const left = definedEntries(a);
  const other = new Map(definedEntries(b));
  return (
    left.length === other.size &&
    left.every(([key, value]) => other.has(key) && isEqual(value, other.get(key)))
  );
}

function definedEntries(value: object): [string, unknown][] {
  return Object.entries(value).filter(([, item]) => item !== undefined);
}

/** The document of a view, small: what is as at first is not in it. */
export function documentOf(view: View): ViewDocument {
  return Object.fromEntries(
    LASTING.filter((key) => !isEqual(view[key], FIRST_VIEW[key])).map((key) => [key, view[key]]),
  );
}

/** Whether two views are the same but for fields of the moment. */
export function isSameView(a: View, b: View): boolean {
  return LASTING.every((key) => isEqual(a[key], b[key]));
}

/** The lasting fields of one view, and of another those of the moment. */
export function withLasting(view: View, lasting: View): View {
  const part = Object.fromEntries(LASTING.map((key) => [key, lasting[key]]));
  return { ...view, ...part };
}

/**
 * Two views that were both made from `before`, as one: what only they changed is theirs, the rest is ours.
 *
 * Panels, sections and the like are looked at one by one, so that each keeps whose hands it was in.
 */
export function mergeViews(before: View, ours: View, theirs: View): View {
  const part = Object.fromEntries(
    LASTING.map((key) => [key, mergeValues(before[key], ours[key], theirs[key], 1)]),
  );
  return { ...ours, ...part };
}

/**
 * The way from `after` back to `before`, parts of one view, for the view as it is by now: what was changed of it
 * since, here or in another tab, holds.
 */
export function wayBack(now: View, before: Partial<View>, after: Partial<View>): Partial<View> {
  const keys = Object.keys(before) as (keyof View)[];
  return Object.fromEntries(keys.map((key) => [key, mergeValues(after[key], now[key], before[key], 1)]));
}

function mergeValues(before: unknown, ours: unknown, theirs: unknown, depth: number): unknown {
  if (isEqual(before, ours)) return theirs;
  if (isEqual(before, theirs) || depth === 0) return ours;
  if (!isRecord(before) || !isRecord(ours) || !isRecord(theirs)) return ours;
  const names = new Set([...Object.keys(ours), ...Object.keys(theirs)]);
  const entries = [...names].map((name) => [
    name,
    mergeValues(before[name], ours[name], theirs[name], depth - 1),
  ]);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
