/** From what a URL says to the view that is shown, and what it is a change of. */

import { isGone } from "@/api/client";
import type { ProjectRef, SavedView } from "@/api/types";
import { DEFAULT, fetchSavedView } from "@/api/views";
import { isSameView, mergeViews, withLasting } from "@/data/view/document";
import { readView } from "@/data/view/read";
import type { View } from "@/data/view/view";
import { defaultViewSaved } from "./default-keeper";
import { forgetDraft, withDraft } from "./drafts";
import { type Base, NO_BASE } from "./held-view";
import { forgetOwnText, isReloaded, readOwnView, takeUnsavedView } from "./own-view";
import type { ViewUrl } from "./url";

interface Opened {
  readonly view: View;
  readonly base: Base;
  /** The requested view was deleted: this is the URL's own part, or the default view. */
  readonly isGone: boolean;
}

/** Opens what a URL names. `text`: the URL's own part. Throws `ApiError` when the server does not answer. */
export async function openViewUrl(ref: ProjectRef, url: ViewUrl, text: string): Promise<Opened> {
  const [base, linked] = await Promise.all([baseOf(ref, url.saved), linkedView(ref, url)]);
  if (base === null && linked !== null && url.hasState) return { view: linked, base: NO_BASE, isGone: true };
  if (base === null || linked === null) {
    const opened = await openViewUrl(ref, { ...url, saved: null, link: null, hasState: false }, text);
    return { ...opened, isGone: true };
  }
  const own = readOwnView(ref);
  const isReload = isReloaded(text);
  const isOwnText = isReload ? own?.texts.includes(text) : own?.texts[0] === text;
  const unsaved = base.kind === "default" && (!url.hasState || isOwnText) ? takeUnsavedView(ref) : null;
  if (unsaved) {
    // the page that was here before changed more than its URL says
    const merged = mergeViews(unsaved.base, unsaved.view, base.view);
    return { view: withLasting(url.view, merged), base, isGone: false };
  }
  const id = base.kind === "saved" ? base.info?.id : undefined;
  const saved = withLasting(url.view, id === undefined ? base.view : withDraft(id, base.view));
  if (!url.hasState) return { view: saved, base, isGone: false };
  if (base.kind === "saved" || isSameView(linked, base.view)) return { view: linked, base, isGone: false };
  // the default was changed since this URL: elsewhere, or by the page that was still here while this one came
  const isNewer = own?.version !== base.info?.version || own?.texts[0] !== text;
  if (!isOwnText || (isNewer && !isReload)) {
    forgetOwnText(ref, text);
    return { view: linked, base: NO_BASE, isGone: false };
  }
  return { view: isNewer ? saved : linked, base, isGone: false };
}

/** Null: the saved view is gone. */
async function baseOf(ref: ProjectRef, saved: string | null): Promise<Base | null> {
  if (saved === null) {
    await defaultViewSaved(ref);
    // a project that nothing was logged to yet has none
    const stored = await orNullIfGone(fetchSavedView(ref, DEFAULT));
    return { kind: "default", info: stored, view: readView(stored?.document) };
  }
  const stored = await orNullIfGone(fetchSavedView(ref, saved));
  if (stored === null) forgetDraft(saved);
  return stored && { kind: "saved", info: stored, view: readView(stored.document) };
}

/** The URL's view; of a link with what lies on the server, null when that is gone. */
async function linkedView(ref: ProjectRef, { view, link }: ViewUrl): Promise<View | null> {
  if (link === null) return view;
  const stored = await orNullIfGone(fetchSavedView(ref, link));
  return stored && withLasting(view, readView(stored.document));
}

async function orNullIfGone(request: Promise<SavedView>): Promise<SavedView | null> {
  try {
    return await request;
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}
