/** Finds `/` and `@` before the caret, which open a menu; its keys go there first. */

import { type Editor, Extension } from "@tiptap/core";
import { type EditorState, Plugin, PluginKey } from "@tiptap/pm/state";
import { ySyncPluginKey } from "y-prosemirror";

export interface Trigger {
  readonly sign: "/" | "@";
  /** The text after the sign. */
  readonly query: string;
  readonly from: number;
  readonly to: number;
}

interface TriggerState {
  readonly trigger: Trigger | null;
  /** The sign whose menu was closed; null: none. */
  readonly closedAt: number | null;
}

const key = new PluginKey<TriggerState>("typed trigger");

/** The open menu's handler of keys; null: none is open. */
let takeKey: ((event: KeyboardEvent) => boolean) | null = null;

export function setMenuKeys(take: typeof takeKey): void {
  takeKey = take;
}

export function triggerOf({ state }: Editor): Trigger | null {
  return key.getState(state)?.trigger ?? null;
}

/** Closes the menu; the text stays. */
export function closeTrigger(editor: Editor): void {
  editor.view.dispatch(editor.state.tr.setMeta(key, "close"));
}

export const TypedTrigger = Extension.create({
  name: "typedTrigger",
  priority: 200,
  addProseMirrorPlugins: () => [
    new Plugin<TriggerState>({
      key,
      state: {
        init: () => ({ trigger: null, closedAt: null }),
        apply: (tr, before, _, state) => {
          const trigger = findTrigger(state);
          if (!trigger)
            return before.trigger || before.closedAt !== null ? { trigger: null, closedAt: null } : before;
          if (tr.getMeta(key) === "close") return { trigger: null, closedAt: trigger.from };
          if (before.closedAt === trigger.from) return before;
          // moving the caret to a slash, or another person's typing, opens nothing
          const isTyped = tr.docChanged && !tr.getMeta(ySyncPluginKey)?.isChangeOrigin;
          return before.trigger || isTyped ? { trigger, closedAt: null } : before;
        },
      },
      props: { handleKeyDown: (_, event) => takeKey?.(event) ?? false },
    }),
  ],
});

/** A sign at the beginning of a word, with up to three words after it. */
const TYPED = /(?:^|[\s\ufffc])([/@])((?:[^\s/@]+ ?){0,3})$/u;

function findTrigger({ selection }: EditorState): Trigger | null {
  const { $from, empty } = selection;
  const { parent, parentOffset } = $from;
  if (!empty || !parent.isTextblock || parent.type.spec.code) return null;
  const before = parent.textBetween(Math.max(0, parentOffset - 60), parentOffset, undefined, "\ufffc");
  const match = TYPED.exec(before);
  if (!match) return null;
  const [, sign, query = ""] = match;
  return { sign: sign as "/" | "@", query, from: $from.pos - query.length - 1, to: $from.pos };
}
