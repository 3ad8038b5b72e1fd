/**
 * The tab's record of its own default view, so that a reload continues with it: which state of the URL it is,
 * and what could not be saved before the page went.
 *
 * The same URL in another tab is a link: another user's view must not become this user's default. In this tab, too,
 * an address that was noted earlier is a link: it shows what it says. Only a reload continues with the default view.
 */

import type { ProjectRef } from "@/api/types";
import { documentOf } from "@/data/view/document";
import { readView } from "@/data/view/read";
import type { View } from "@/data/view/view";
import { ownText } from "./url";

interface OwnView {
  /**
   * The URL's part that is the view's, the latest first: a page that is loaded again comes by the URL of the moment
   * it was asked for, and the one that goes may write others until it is there.
   */
  readonly texts: readonly string[];
  /** Of the default view on the server that it was made from. */
  readonly version: number;
}

const N_TEXTS = 8;

/** The view's part of the address with which this page was reloaded, until it changes; null: it came otherwise. */
let reloaded = textOfReload();

function textOfReload(): string | null {
  const [load] = performance.getEntriesByType?.("navigation") ?? [];
  if ((load as PerformanceNavigationTiming | undefined)?.type !== "reload") return null;
  return ownText(Object.fromEntries(new URLSearchParams(window.location.search)));
}

/** Whether an address is the one with which this page was reloaded. */
export function isReloaded(text: string): boolean {
  return text === reloaded;
}

/** A view that was changed, and what it was before. */
interface UnsavedView {
  readonly view: View;
  readonly base: View;
}

/** A page that is loaded again comes in a moment; what is older was changed elsewhere since, or given up. */
const UNSAVED_MILLIS = 60_000;

function nameOf({ entity, project }: ProjectRef, kind: "view" | "unsaved"): string {
  return `weft.${kind}.${entity}/${project}`;
}

export function readOwnView(ref: ProjectRef): OwnView | null {
  return read(nameOf(ref, "view")) as OwnView | null;
}

export function writeOwnView(ref: ProjectRef, text: string, version: number): void {
  if (text !== reloaded) reloaded = null;
  const before = readOwnView(ref)?.texts.filter((other) => other !== text) ?? [];
  const own: OwnView = { texts: [text, ...before].slice(0, N_TEXTS), version };
  write(nameOf(ref, "view"), own);
}

/** An address was followed as a link: it is no state of the default view any more, also when it is reloaded. */
export function forgetOwnText(ref: ProjectRef, text: string): void {
  const own = readOwnView(ref);
  if (own) write(nameOf(ref, "view"), { ...own, texts: own.texts.filter((other) => other !== text) });
}

/** The change that the page before this one could not be sure to have saved, once; null: none. */
export function takeUnsavedView(ref: ProjectRef): UnsavedView | null {
  const stored = read(nameOf(ref, "unsaved")) as { millis: number; view: unknown; base: unknown } | null;
  writeUnsavedView(ref, null);
  if (stored === null || Date.now() - stored.millis > UNSAVED_MILLIS) return null;
  return { view: readView(stored.view), base: readView(stored.base) };
}

/** Null: all is saved. */
export function writeUnsavedView(ref: ProjectRef, unsaved: UnsavedView | null): void {
  const stored = unsaved && {
    millis: Date.now(),
    view: documentOf(unsaved.view),
    base: documentOf(unsaved.base),
  };
  write(nameOf(ref, "unsaved"), stored);
}

function read(name: string): unknown {
  try {
    return JSON.parse(sessionStorage.getItem(name) ?? "null");
  } catch {
    return null;
  }
}

function write(name: string, value: unknown): void {
  try {
    sessionStorage.setItem(name, JSON.stringify(value));
  } catch {
    // storage is full or off: a reload then shows what the URL and the server say
  }
}
