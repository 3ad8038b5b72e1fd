/**
 * Saves the default view by itself, a moment after each change.
 *
 * Another tab or browser may have changed it meanwhile: then both changes are put together, and saved again.
 */

import { ApiError } from "@/api/client";
import type { ProjectRef, SavedViewInfo } from "@/api/types";
import { DEFAULT, fetchSavedView, putDefaultView } from "@/api/views";
import { documentOf, isSameView, mergeViews, withLasting } from "@/data/view/document";
import { readView } from "@/data/view/read";
import type { View } from "@/data/view/view";
import { attempt } from "@/ui/overlays/toasts";
import type { Held, ViewStore } from "./held-view";
import { writeUnsavedView } from "./own-view";

/** A person goes on dragging; the server need not hear of each px. */
const REST_MILLIS = 800;
const RETRY_MILLIS = 10_000;

/** Saves that are under way, by project: who opens its view waits for them. */
const underWay = new Map<string, Promise<void>>();

function nameOf({ entity, project }: ProjectRef): string {
  return `${entity}/${project}`;
}

async function noteUnderWay(ref: ProjectRef, save: Promise<void>): Promise<void> {
  const name = nameOf(ref);
  const all = Promise.all([underWay.get(name), save]).then(() => undefined);
  underWay.set(name, all);
  await save;
  if (underWay.get(name) === all) underWay.delete(name);
}

/** Once nothing of a project's default view is on its way to the server. */
export async function defaultViewSaved(ref: ProjectRef): Promise<void> {
  await underWay.get(nameOf(ref));
}

export class DefaultKeeper {
  private readonly ref: ProjectRef;
  private readonly store: ViewStore;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isSaving = false;
  /** The view that the server took last. */
  private lastSaved: { readonly view: View; readonly version: number } | null = null;
  private readonly end: () => void;

  constructor(ref: ProjectRef, store: ViewStore) {
    this.ref = ref;
    this.store = store;
    this.end = store.subscribe((now, before) => {
      if (before.base.kind === "default" && now.base.kind !== "default") this.leaveWith(before);
      if (now.view !== before.view || now.base !== before.base) this.wait(REST_MILLIS);
    });
    window.addEventListener("pagehide", this.leave);
  }

  stop(): void {
    this.end();
    window.removeEventListener("pagehide", this.leave);
    this.flush();
  }

  private wait(millis: number): void {
    clearTimeout(this.timer);
    if (this.isDue()) this.timer = setTimeout(() => void this.save(), millis);
  }

  private isDue(): boolean {
    const { view, base } = this.store.getState();
    return base.kind === "default" && !isSameView(view, base.view);
  }

  private flush(): void {
    clearTimeout(this.timer);
    if (this.isDue()) void this.save(true);
  }

  /**
   * The waiting change is sent now: the page may be gone in a moment. It is kept in the tab, too: the page that comes
   * next may ask for the view before the server has this one.
   */
  private readonly leave = (): void => {
    clearTimeout(this.timer);
    if (!this.isDue()) return;
    const { view, base } = this.store.getState();
    writeUnsavedView(this.ref, { view, base: base.view });
    // also during a save, which ends with the page
    void this.send(true);
  };

  /** Another view was opened: what waits to be saved of the default one is sent, whatever is shown by now. */
  private leaveWith({ view, base }: Held): void {
    if (isSameView(view, base.view)) return;
    const send = async () => {
      // a save that is under way may be of this very view
      await defaultViewSaved(this.ref);
      if (this.lastSaved && isSameView(view, this.lastSaved.view)) return;
      await attempt("Your default view was not saved", async () => {
        const put = (next: View, version: number) =>
          putDefaultView(this.ref, documentOf(next), version, false);
        const latestVersion = Math.max(base.info?.version ?? 0, this.lastSaved?.version ?? 0);
        await put(view, latestVersion).catch(async (error) => {
          if (!(error instanceof ApiError) || error.code !== "outdated") throw error;
          const saved = await fetchSavedView(this.ref, DEFAULT);
          await put(mergeViews(base.view, view, readView(saved.document)), saved.version);
        });
      });
    };
    void noteUnderWay(this.ref, send());
  }

  private async save(isLast = false): Promise<void> {
    if (this.isSaving) return;
    this.isSaving = true;
    await noteUnderWay(this.ref, this.send(isLast));
    this.isSaving = false;
    if (!isLast) this.wait(this.store.getState().unsaved ? RETRY_MILLIS : REST_MILLIS);
  }

  private async send(isLast: boolean): Promise<void> {
    const { view, base } = this.store.getState();
    try {
      const version = base.info?.version ?? 0;
      this.saved(await putDefaultView(this.ref, documentOf(view), version, isLast), view);
    } catch (error) {
      if (error instanceof ApiError && error.code === "outdated") await this.merge();
      else this.store.setState({ unsaved: error instanceof Error ? error : new Error(String(error)) });
    }
  }

  private saved(info: SavedViewInfo, view: View): void {
    this.lastSaved = { view, version: info.version };
    if (this.store.getState().base.kind !== "default") return;
    this.store.setState({ base: { kind: "default", info, view }, unsaved: null });
    writeUnsavedView(this.ref, null);
  }

  /** Takes what was changed elsewhere; what is then still different is saved next. */
  private async merge(): Promise<void> {
    try {
      const saved = await fetchSavedView(this.ref, DEFAULT);
      const theirs = readView(saved.document);
      const { view, base } = this.store.getState();
      if (base.kind !== "default") return;
      this.store.setState({
        view: withLasting(view, mergeViews(base.view, view, theirs)),
        base: { kind: "default", info: saved, view: theirs },
      });
    } catch (error) {
      this.store.setState({ unsaved: error instanceof Error ? error : new Error(String(error)) });
    }
  }
}
