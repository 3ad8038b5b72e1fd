/** Reading aids of shown code: line numbers, colours, folds and a search, in the app's look. */

import {
  bracketMatching,
  foldGutter,
  foldKeymap,
  HighlightStyle,
  syntaxHighlighting,
} from "@codemirror/language";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { EditorState, type Extension } from "@codemirror/state";
import { EditorView, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import "./code.css";

/** The same inks as in the terminal. */
const inks = HighlightStyle.define([
  { tag: [tags.keyword, tags.modifier, tags.operatorKeyword, tags.heading], class: "tk-keyword" },
  { tag: [tags.string, tags.special(tags.string), tags.regexp, tags.inserted], class: "tk-string" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom, tags.link, tags.url], class: "tk-number" },
  { tag: [tags.comment, tags.meta, tags.processingInstruction], class: "tk-comment" },
  {
    tag: [tags.function(tags.definition(tags.variableName)), tags.definition(tags.className), tags.tagName],
    class: "tk-name",
  },
  { tag: [tags.propertyName, tags.attributeName], class: "tk-name" },
  { tag: tags.deleted, class: "tk-deleted" },
]);

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
