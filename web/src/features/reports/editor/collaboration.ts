/**
 * The text bound to the Yjs document: changes of others, their carets, and one's own undo.
 *
 * By `y-prosemirror` itself: TipTap's copy of it rebuilds the whole document for each key of another person.
 */

import { Extension } from "@tiptap/core";
import {
  defaultDeleteFilter,
  redo,
  undo,
  yCursorPlugin,
  ySyncPlugin,
  ySyncPluginKey,
  yUndoPlugin,
} from "y-prosemirror";
import * as Y from "yjs";
import { type DraftSync, EDIT_ORIGIN } from "@/api/reports/draft-sync";
import { textOf } from "./schema/schema";

/** The origin of the changes of the text that the editor makes. */
export const EDITOR_ORIGIN: unknown = ySyncPluginKey;

const PROTECTED = new Set(["paragraph"]);
/** Keys with shorter pauses are taken back together. */
const UNDO_MILLIS = 500;

/** One way back over text, fields and panels. */
export function createUndo({ doc }: DraftSync): Y.UndoManager {
  const roots = [textOf(doc), doc.getMap("grids"), doc.getMap("blocks"), doc.getMap("meta")];
  return new Y.UndoManager(roots as Y.AbstractType<unknown>[], {
    trackedOrigins: new Set([EDITOR_ORIGIN, EDIT_ORIGIN]),
    deleteFilter: (item) => defaultDeleteFilter(item, PROTECTED),
    captureTransaction: (transaction) => transaction.meta.get("addToHistory") !== false,
    captureTimeout: UNDO_MILLIS,
  });
}

interface Options {
  readonly sync: DraftSync | null;
  readonly undo: Y.UndoManager | null;
}

export const Collaboration = Extension.create<Options>({
  name: "collaboration",
  priority: 1000,
  addOptions: () => ({ sync: null, undo: null }),
  addProseMirrorPlugins() {
    const { sync, undo: undoManager } = this.options;
    if (!sync) return [];
    return [
      ySyncPlugin(textOf(sync.doc)),
      yCursorPlugin(sync.awareness, { cursorBuilder: caretOf, selectionBuilder: selectionOf }),
      yUndoPlugin({ undoManager }),
    ];
  },
  addKeyboardShortcuts() {
    return {
      // a paragraph is a step of its own
      Enter: () => {
        this.options.undo?.stopCapturing();
        return false;
      },
      "Mod-z": () => undo(this.editor.state) || true,
      "Mod-y": () => redo(this.editor.state) || true,
      "Shift-Mod-z": () => redo(this.editor.state) || true,
    };
  },
});

/** A person as the others see them. */
export interface Writer {
  readonly name: string;
  /** `#rrggbb`, dark enough for white text. */
  readonly color: string;
}

const COLORS = [
  "#2f56d9",
  "#b3421f",
  "#0b7a5c",
  "#8a3fb8",
  "#a1650a",
  "#1c7293",
  "#b02a5b",
  "#4f6b12",
] as const;

/** The same color for a page as long as it is open. */
export function writerOf(name: string, client: number): Writer {
  return { name, color: COLORS[client % COLORS.length]! };
}

/** A person as another page describes them, in any JSON. */
export function readWriter(user: unknown): Writer {
  const { name, color } = (user ?? {}) as { name?: unknown; color?: unknown };
  return {
    name: typeof name === "string" && name ? name.slice(0, 60) : "Someone",
    color: typeof color === "string" && /^#[0-9a-f]{6}$/i.test(color) ? color : COLORS[0],
  };
}

function caretOf(user: unknown): HTMLElement {
  const { name, color } = readWriter(user);
  const caret = document.createElement("span");
  caret.className = "others-caret";
  caret.style.setProperty("--caret", color);
  // drawn by the style: it is no part of the text
  caret.dataset.name = name;
  return caret;
}

function selectionOf(user: unknown) {
  return { class: "others-selection", style: `--caret: ${readWriter(user).color}` };
}
