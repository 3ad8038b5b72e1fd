/** Actions on saved views: open one, save, name, share, delete, and copy its link. */

import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { ApiError } from "@/api/client";
import type { ProjectRef, SavedView, SavedViewInfo } from "@/api/types";
import {
  createSavedView,
  DEFAULT,
  deleteSavedView,
  editSavedView,
  fetchSavedView,
  putDefaultView,
  savedViewsQuery,
  undeleteSavedView,
  type ViewChanges,
} from "@/api/views";
import { faultText } from "@/data/text/fault-text";
import { documentOf, mergeViews, withLasting } from "@/data/view/document";
import { readView } from "@/data/view/read";
import { FIRST_VIEW, type View } from "@/data/view/view";
import { copyText } from "@/ui/browser/copy-text";
import { attempt, showDone, showFailed } from "@/ui/overlays/toasts";
import { defaultViewSaved } from "./default-keeper";
import { forgetDraft, withDraft, writeDraft } from "./drafts";
import { type Base, type Held, isEdited, isSameBase, type ViewStore } from "./held-view";
import { useViewStore } from "./view-store";

export type NamedKind = "personal" | "shared";

/** The answer to a form: null, or the fault to show next to the field. */
export type Fault = string | null;

export class SavedViews {
  private readonly project: ProjectRef;
  private readonly store: ViewStore;
  private readonly client: QueryClient;
  private nRequests = 0;
  /** The last change of a saved view, once it is answered. */
  private changed: Promise<unknown> = Promise.resolve();

  constructor(project: ProjectRef, store: ViewStore, client: QueryClient) {
    this.project = project;
    this.store = store;
    this.client = client;
  }

  /** Opens a view of the list, or with null the default one. */
  async open(info: SavedViewInfo | null): Promise<void> {
    const before = await this.show(info?.id ?? DEFAULT);
    if (!before || !isEdited(before) || before.base.info?.id === info?.id) return;
    showDone(`${before.base.info?.name} keeps its unsaved changes`, {
      label: "Go back",
      run: () => this.goBack(before),
    });
  }

  /** Saves the changes of the open view; false: another user has changed it in the meantime. */
  async save(): Promise<boolean> {
    const { view, base } = this.store.getState();
    if (base.kind !== "saved" || !base.info) return true;
    try {
      await this.change(base.info, { document: documentOf(view) }, view);
      showDone(`Saved ${base.info.name}`);
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.code === "outdated") return false;
      showFailed("The view was not saved", error);
      return true;
    }
  }

  /** Overwrites what another user has saved in the meantime. */
  async saveOver(): Promise<void> {
    const { view, base } = this.store.getState();
    const { info } = base;
    if (!info) return;
    await attempt("The view was not saved", async () => {
      const now = await fetchSavedView(this.project, info.id);
      await this.change(now, { document: documentOf(view) }, view);
      showDone(`Saved ${now.name}`);
    });
  }

  /** Opens what another user has saved in the meantime; undo brings the changes made here back. */
  async takeTheirs(): Promise<void> {
    const { base } = this.store.getState();
    if (!base.info) return;
    try {
      const info = await fetchSavedView(this.project, base.info.id);
      if (this.store.getState().base.info?.id !== info.id) return;
      const theirs = readView(info.document);
      this.store.take(theirs);
      this.store.setState({ base: { kind: "saved", info, view: theirs } });
    } catch (error) {
      showFailed("The view could not be read", error);
    }
  }

  async saveAs(name: string, kind: NamedKind): Promise<Fault> {
    try {
      await this.create(name, kind);
      return null;
    } catch (error) {
      return faultText(error);
    }
  }

  /** Saves what is shown as a view of its own and opens it; the view that it is a copy of stays as it was saved. */
  async duplicate(name: string, kind: NamedKind): Promise<Fault> {
    const before = this.store.getState();
    try {
      const copy = await this.create(name, kind);
      showDone(`Saved ${copy.name}`, {
        label: "Undo",
        run: () => void this.takeBackCopy(copy, before),
      });
      return null;
    } catch (error) {
      return faultText(error);
    }
  }

  async rename(info: SavedViewInfo, name: string, kind: NamedKind): Promise<Fault> {
    try {
      await this.change(info, { name, kind });
      return null;
    } catch (error) {
      return faultText(error);
    }
  }

  async share(info: SavedViewInfo, kind: NamedKind): Promise<void> {
    await attempt("The view was not changed", async () => {
      await this.change(info, { kind });
      showDone(
        kind === "shared" ? `Everyone in the project has ${info.name} now` : `${info.name} is yours alone`,
      );
    });
  }

  async remove(info: SavedViewInfo): Promise<void> {
    await attempt("The view was not deleted", async () => {
      await deleteSavedView(this.project, info.id);
      const before = this.store.getState();
      if (before.base.info?.id === info.id) await this.show(DEFAULT);
      forgetDraft(info.id);
      this.refreshList();
      showDone(`Deleted the view ${info.name}`, {
        label: "Undo",
        run: () => void this.restore(info.id, before),
      });
    });
  }

  /** The shown view becomes the one that the person sees without asking for another. */
  async makeDefault(): Promise<void> {
    const { view, base } = this.store.getState();
    await attempt("The default view was not changed", async () => {
      const before = await fetchSavedView(this.project, DEFAULT);
      const info = await putDefaultView(this.project, documentOf(view), before.version, false);
      if (this.store.getState().base === base)
        this.store.setState({ base: { kind: "default", info, view }, unsaved: null });
      showDone("This is your default view now", {
        label: "Undo",
        run: () => void this.takeBackDefault(before, info),
      });
    });
  }

  revert(): void {
    this.store.take(this.store.getState().base.view);
  }

  reset(): void {
    const run = this.store.setWithWayBack(withLasting(this.store.getState().view, FIRST_VIEW));
    showDone("The default view is as it was at first", { label: "Undo", run });
  }

  /** Of a saved view as it was saved, its short link; else one with all that is shown. */
  async copyLink(): Promise<void> {
    const held = this.store.getState();
    const url = new URL(window.location.href);
    if (held.base.kind === "saved" && held.base.info && !isEdited(held))
      url.search = `?view=${held.base.info.id}`;
    else if (held.unlinked)
      return showFailed("No link shows this view, which is too long for one", held.unlinked);
    await copyText(url.href, "the link to this view");
  }

  /** Saves what is shown as a new view, and opens it unless another was opened before the server answered. */
  private async create(name: string, kind: NamedKind): Promise<SavedView> {
    const { view, base } = this.store.getState();
    const info = await createSavedView(this.project, { kind, name, document: documentOf(view) });
    if (isSameBase(this.store.getState().base, base)) {
      this.store.setState({ base: { kind: "saved", info, view }, unsaved: null });
      // its changes are the new view's
      if (base.kind === "saved" && base.info) forgetDraft(base.info.id);
    }
    this.refreshList();
    return info;
  }

  private async takeBackDefault(before: SavedView, { version }: SavedViewInfo): Promise<void> {
    if (this.store.getState().base.kind === "default") {
      this.store.take(readView(before.document));
      return;
    }
    await attempt("The default view was not changed", async () => {
      await putDefaultView(this.project, before.document, version, false);
    });
  }

  private async takeBackCopy(copy: SavedView, before: Held): Promise<void> {
    await attempt("The copy was not deleted", async () => {
      await deleteSavedView(this.project, copy.id);
      if (this.store.getState().base.info?.id === copy.id) this.goBack(before);
      this.refreshList();
    });
  }

  /** Returns what was shown until then; null: it could not be opened, or another was asked for meanwhile. */
  private async show(id: string): Promise<Held | null> {
    this.nRequests += 1;
    const n = this.nRequests;
    try {
      await defaultViewSaved(this.project);
      const info = await fetchSavedView(this.project, id);
      if (n !== this.nRequests) return null;
      const saved = readView(info.document);
      const before = this.store.getState();
      const base: Base = { kind: id === DEFAULT ? "default" : "saved", info, view: saved };
      const isAgain = isSameBase(base, before.base);
      // it was saved by this page meanwhile: what came is older
      if (isAgain && info.version < (before.base.info?.version ?? 0)) return before;
      // what was changed of it and is not on the server yet holds
      const view = isAgain
        ? withLasting(saved, mergeViews(before.base.view, before.view, saved))
        : withDraft(id, saved);
      this.store.open(view, base);
      return before;
    } catch (error) {
      showFailed("The view could not be opened", error);
      this.refreshList();
      return null;
    }
  }

  private goBack(before: Held): void {
    const { view, base, history } = before;
    this.store.setState({ view, base, history });
    writeDraft(before);
  }

  /** Changes follow each other: each is of the version that the one before has made. `view`: what is saved. */
  private async change(info: SavedViewInfo, changes: ViewChanges, view?: View): Promise<void> {
    const open = () => {
      const { base } = this.store.getState();
      return base.info?.id === info.id ? base : null;
    };
    const send = async () => {
      const current = open()?.info;
      const latest = current && current.version > info.version ? current : info;
      const changed = await editSavedView(this.project, latest, changes);
      const base = open();
      if (base) this.store.setState({ base: { ...base, info: changed, view: view ?? base.view } });
      this.refreshList();
    };
    const done = this.changed.then(send);
    this.changed = done.catch(() => undefined);
    await done;
  }

  /** Opens it, too, where the default view took its place and is still shown. */
  private async restore(id: string, before: Held): Promise<void> {
    await attempt("The view was not brought back", async () => {
      const info = await undeleteSavedView(this.project, id);
      const isStillOpen = before.base.info?.id === id && this.store.getState().base.kind === "default";
      if (isStillOpen) this.goBack({ ...before, base: { ...before.base, info } });
      this.refreshList();
    });
  }

  private refreshList(): void {
    void this.client.invalidateQueries({ queryKey: savedViewsQuery(this.project).queryKey });
  }
}

/** Of a page's view: what they await outlives the menu that began it. */
const VIEWS = new WeakMap<ViewStore, SavedViews>();

export function useSavedViews(project: ProjectRef): SavedViews {
  const store = useViewStore();
  const client = useQueryClient();
  const views = VIEWS.get(store) ?? new SavedViews(project, store, client);
  VIEWS.set(store, views);
  return views;
}
