/**
 * Keeps the URL in step with the view: a link shows the same to another user, and a reload keeps it.
 *
 * A state too long for a URL goes to the server, once the person rests, and the URL names it. Searches do not: with long
 * ones the URL shows an earlier state.
 */

import type { ProjectRef } from "@/api/types";
import { createViewLink } from "@/api/views";
import { formatCount } from "@/data/text/format";
import { documentOf, isSameView } from "@/data/view/document";
import type { View } from "@/data/view/view";
import { TEXT_FIELDS } from "@/ui/keys/page-keys";
import type { ViewStore } from "./held-view";
import { writeOwnView } from "./own-view";
import { momentOf, ownText, type SearchText, searchFromView, searchOfLink, searchOfSaved } from "./url";

/** A slider moves sixty times a second; the URL need not. */
const WRITE_MILLIS = 200;
const LINK_MILLIS = 1500;
/** Mails, chats and proxies cut longer addresses. */
const MAX_CHARS = 6000;

/** Whether something is shown over the whole page. */
function isCovered({ full }: View): boolean {
  return full !== null;
}

interface UrlKeeperOptions {
  /** Null: the page saves no views, and long states are left out of its URL. */
  readonly project: ProjectRef | null;
  readonly store: ViewStore;
  /** Of the URL as it is. */
  readonly text: string;
  /** Writes the URL; `isNew`: "back" leads to the one before. */
  write(search: SearchText, isNew: boolean): void;
}

export class UrlKeeper {
  /** The view's part of the URL as it was last written or read. */
  text: string;
  private readonly options: UrlKeeperOptions;
  private readonly end: () => void;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private linkTimer: ReturnType<typeof setTimeout> | undefined;
  private link: { readonly document: string; readonly id: string } | null = null;
  private wasCovered: boolean;

  constructor(options: UrlKeeperOptions) {
    this.options = options;
    this.text = options.text;
    this.wasCovered = isCovered(options.store.getState().view);
    this.end = options.store.subscribe((now, before) => {
      if (now.view === before.view && now.base === before.base) return;
      clearTimeout(this.timer);
      this.timer = setTimeout(this.flush, WRITE_MILLIS);
    });
    document.addEventListener("click", this.flush, true);
    document.addEventListener("keydown", this.flushOnKey, true);
  }

  stop(): void {
    this.end();
    document.removeEventListener("click", this.flush, true);
    document.removeEventListener("keydown", this.flushOnKey, true);
    clearTimeout(this.timer);
    clearTimeout(this.linkTimer);
  }

  /** Writes what waits to be written. A click may lead to another page or copy the URL, so it comes first. */
  private readonly flush = (): void => {
    if (this.timer === undefined) return;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.put();
  };

  private readonly flushOnKey = ({ target }: KeyboardEvent): void => {
    // in a field keys are text, and the URL need not have each letter
    if (!(target instanceof Element && target.closest(TEXT_FIELDS))) this.flush();
  };

  private put(): void {
    clearTimeout(this.linkTimer);
    const nChars = ownText(momentOf(this.options.store.getState().view)).length;
    if (nChars > MAX_CHARS) {
      const counts = `${formatCount(nChars)} characters, of which an address has ${formatCount(MAX_CHARS)}`;
      this.tellUnlinked(new Error(`its searches and zooms take ${counts}`));
      return;
    }
    const search = this.searchNow();
    if (search === null) {
      this.linkTimer = setTimeout(() => void this.makeLink(), LINK_MILLIS);
      return;
    }
    this.tellUnlinked(null);
    const text = ownText(search);
    this.noteOwn(text);
    const isNowCovered = isCovered(this.options.store.getState().view);
    // "back" leaves full screen
    const isNew = isNowCovered && !this.wasCovered;
    this.wasCovered = isNowCovered;
    if (text === this.text) return;
    this.text = text;
    this.options.write(search, isNew);
  }

  /** Null: the state is too long, and not on the server yet. */
  private searchNow(): SearchText | null {
    const { view, base } = this.options.store.getState();
    const saved = base.kind === "saved" && base.info ? base.info.id : null;
    if (saved !== null && isSameView(view, base.view)) return searchOfSaved(view, saved);
    const search = searchFromView(view, saved);
    if (ownText(search).length <= MAX_CHARS) return search;
    if (this.link?.document === JSON.stringify(documentOf(view)))
      return searchOfLink(view, saved, this.link.id);
    return null;
  }

  private async makeLink(): Promise<void> {
    const { project, store } = this.options;
    if (!project) return;
    const document = documentOf(store.getState().view);
    try {
      this.link = { document: JSON.stringify(document), id: await createViewLink(project, document) };
      this.put();
    } catch (error) {
      // the URL stays as it was; the next change tries again
      this.tellUnlinked(error as Error);
    }
  }

  private tellUnlinked(unlinked: Error | null): void {
    const { store } = this.options;
    if (store.getState().unlinked !== unlinked) store.setState({ unlinked });
  }

  private noteOwn(text: string): void {
    const { project, store } = this.options;
    const { base } = store.getState();
    if (project && base.kind === "default") writeOwnView(project, text, base.info?.version ?? 0);
  }
}
