/** Reading aids of shown code: line numbers, colours, folds and a search, in the app's look. */

import { bracketMatching, foldGutter, foldKeymap, syntaxHighlighting } from "@codemirror/language";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { EditorState, type Extension } from "@codemirror/state";
import { EditorView, keymap, lineNumbers } from "@codemirror/view";
import { inks } from "./inks";
import "./code.css";

export const READING: Extension = [
  EditorState.readOnly.of(true),
  EditorView.editable.of(false),
  lineNumbers(),
  foldGutter(),
  bracketMatching(),
  highlightSelectionMatches(),
  search({ top: true }),
  syntaxHighlighting(inks),
  keymap.of([...searchKeymap, ...foldKeymap]),
];

/** Give the text a name for screen readers; it can be reached by keyboard. */
export function named(label: string): Extension {
  return EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" });
}
