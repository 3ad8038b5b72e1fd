/**
 * A view whose lasting parts are members of a grid in the document: a change of the view is written there, and what
 * others change there, or an undo, is in the view at once.
 */

import { replaceEqualDeep } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type * as Y from "yjs";
import type { GridMembers } from "@/data/report/grid-edits";
import { FIRST_VIEW, type View } from "@/data/view/view";
import { createViewStore, NO_BASE, type ViewStore } from "../../../view/held-view";
import { onMembers, readMembers, writeMembers } from "../members";
import { useSession } from "../session";

export interface ViewBinding {
  /** The parts of the view that the members have. */
  read(members: GridMembers): Partial<View>;
  /** The members to set for a change of the view; null: it is not one of the document. */
  edit(members: GridMembers, before: View, after: View): GridMembers | null;
  /** The rest of the view after others changed the document: a panel that is open may be gone. */
  settle?(view: View): Partial<View>;
}

const NO_MEMBERS: GridMembers = {};

export class BoundView {
  readonly store: ViewStore;
  readonly #doc: Y.Doc;
  readonly #id: string;
  readonly #binding: ViewBinding;
  #isReading = false;

  constructor(doc: Y.Doc, id: string, binding: ViewBinding) {
    this.#doc = doc;
    this.#id = id;
    this.#binding = binding;
    this.store = createViewStore({ ...FIRST_VIEW, ...binding.read(this.#members()) }, NO_BASE);
  }

  #members(): GridMembers {
    return readMembers(this.#doc, "grid", this.#id) ?? NO_MEMBERS;
  }

  /** Begins to write and to read; returns the end of it. */
  connect(): () => void {
    const endWriting = this.store.subscribe(({ view }, { view: before }) => {
      if (view === before || this.#isReading) return;
      const members = this.#binding.edit(this.#members(), before, view);
      if (members) writeMembers(this.#doc, "grid", this.#id, members);
    });
    const endReading = onMembers(this.#doc, "grid", this.#id, () => this.#read());
    this.#read();
    return () => {
      endWriting();
      endReading();
    };
  }

  #read(): void {
    const { view } = this.store.getState();
    const part = this.#binding.read(this.#members());
    const next: View = replaceEqualDeep(view, { ...view, ...part });
    const settled: View = { ...next, ...this.#binding.settle?.(next) };
    this.#isReading = true;
    this.store.setState({ view: replaceEqualDeep(view, settled) });
    this.#isReading = false;
  }
}

/** @param binding as it is when the grid is opened */
export function useBoundView(id: string, binding: ViewBinding): ViewStore {
  const { doc } = useSession().sync;
  const [bound] = useState(() => new BoundView(doc, id, binding));
  useEffect(() => bound.connect(), [bound]);
  return bound.store;
}
