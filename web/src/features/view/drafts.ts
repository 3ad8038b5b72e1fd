/**
 * The changes of named views that are not saved: the browser keeps them until they are saved or discarded, and the tab
 * knows the view that it showed last, to which the project's pages lead back.
 */

import type { ProjectRef } from "@/api/types";
import { documentOf, isSameView, mergeViews } from "@/data/view/document";
import { readView } from "@/data/view/read";
import type { View } from "@/data/view/view";
import { readStored, writeStored } from "@/ui/browser/stored";
import { type Base, type Held, isEdited, isSameBase, type ViewStore } from "./held-view";
import { writeLastView } from "./last-view";

/** A slider moves sixty times a second; storage need not have each position. */
const REST_MILLIS = 200;

function nameOf(id: string): string {
  return `view-draft.${id}`;
}

/** Keeps an edited view's changes; a view as it was saved has no changes. */
export function writeDraft(held: Held): void {
  const { view, base } = held;
  if (base.kind !== "saved" || !base.info) return;
  const draft = { view: documentOf(view), base: documentOf(base.view) };
  writeStored(nameOf(base.info.id), isEdited(held) ? JSON.stringify(draft) : null);
}

export function forgetDraft(id: string): void {
  writeStored(nameOf(id), null);
}

export function hasDraft(id: string): boolean {
  return readStored(nameOf(id)) !== null;
}

/** A saved view with the changes of it that are kept here; what was saved elsewhere since holds next to them. */
export function withDraft(id: string, saved: View): View {
  const text = readStored(nameOf(id));
  if (text === null) return saved;
  try {
    const draft = JSON.parse(text) as { view: unknown; base: unknown };
    const view = mergeViews(readView(draft.base), readView(draft.view), saved);
    // the same was saved elsewhere
    if (isSameView(view, saved)) forgetDraft(id);
    return view;
  } catch {
    return saved;
  }
}

/** Keeps the draft of the open view as it is changed. A view that comes with a link is one from its first change on. */
export class DraftKeeper {
  private readonly ref: ProjectRef;
  private readonly end: () => void;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private changed: Held | null = null;

  constructor(ref: ProjectRef, store: ViewStore) {
    this.ref = ref;
    const { base, opening } = store.getState();
    if (opening === null) this.noteLast(base);
    this.end = store.subscribe((now, before) => {
      if (now.base !== before.base) this.noteLast(now.base);
      if (!isSameBase(now.base, before.base)) this.flush();
      else if (now.view !== before.view || now.base !== before.base) this.wait(now);
    });
    window.addEventListener("pagehide", this.flush);
  }

  stop(): void {
    this.end();
    window.removeEventListener("pagehide", this.flush);
    this.flush();
  }

  private noteLast({ kind, info }: Base): void {
    writeLastView(this.ref, kind === "saved" && info ? info.id : null);
  }

  private wait(now: Held): void {
    clearTimeout(this.timer);
    this.changed = now;
    this.timer = setTimeout(this.flush, REST_MILLIS);
  }

  private readonly flush = (): void => {
    clearTimeout(this.timer);
    if (this.changed) writeDraft(this.changed);
    this.changed = null;
  };
}
