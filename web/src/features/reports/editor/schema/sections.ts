/** Collapsible sections and columns. */

import { mergeAttributes, Node } from "@tiptap/core";
import { TextSelection } from "@tiptap/pm/state";
import { ReactNodeViewRenderer } from "@tiptap/react";
import { DetailsView } from "../objects/details-view";
import { viewAttributes } from "./view-attributes";

export const Details = Node.create({
  name: "details",
  group: "flow",
  // one of each; what two people do at once may leave others
  content: "(detailsSummary | detailsContent)*",
  defining: true,
  isolating: true,
  addAttributes: () => ({
    open: {
      default: null,
      parseHTML: (element: HTMLElement) => element.hasAttribute("open") || null,
      renderHTML: ({ open }) => (open === true ? { open: "" } : {}),
    },
  }),
  parseHTML: () => [{ tag: "details" }],
  renderHTML: ({ HTMLAttributes }) => ["details", HTMLAttributes, 0],
  addNodeView: () => ReactNodeViewRenderer(DetailsView, { attrs: viewAttributes }),
});

export const DetailsSummary = Node.create({
  name: "detailsSummary",
  content: "phrase*",
  defining: true,
  isolating: true,
  selectable: false,
  parseHTML: () => [{ tag: "summary" }],
  renderHTML: ({ HTMLAttributes }) => ["summary", HTMLAttributes, 0],
  addKeyboardShortcuts() {
    return {
      // on to what is in the section
      Enter: () => {
        const { state, view } = this.editor;
        const { $head } = state.selection;
        if ($head.parent.type !== this.type) return false;
        const after = $head.after();
        if (state.doc.nodeAt(after)?.type.name !== "detailsContent") return false;
        const tr = state.tr.setNodeAttribute($head.before($head.depth - 1), "open", true);
        view.dispatch(tr.setSelection(TextSelection.near(tr.doc.resolve(after + 1), 1)).scrollIntoView());
        return true;
      },
      // an empty one is taken apart
      Backspace: () => {
        const { state, view } = this.editor;
        const { $head, empty } = state.selection;
        if (!empty || $head.parent.type !== this.type || $head.parent.content.size > 0) return false;
        const details = $head.node($head.depth - 1);
        const blocks = details.lastChild?.type.name === "detailsContent" ? details.lastChild.content : null;
        const from = $head.before($head.depth - 1);
        const tr = state.tr.replaceWith(from, from + details.nodeSize, blocks ?? []);
        view.dispatch(tr.setSelection(TextSelection.near(tr.doc.resolve(from), 1)));
        return true;
      },
    };
  },
});

export const DetailsContent = Node.create({
  name: "detailsContent",
  content: "flow*",
  defining: true,
  selectable: false,
  parseHTML: () => [{ tag: "div[data-details]" }],
  renderHTML: ({ HTMLAttributes }) => ["div", mergeAttributes({ "data-details": "" }, HTMLAttributes), 0],
});

export const Columns = Node.create({
  name: "columns",
  group: "flow",
  content: "column*",
  defining: true,
  isolating: true,
  parseHTML: () => [{ tag: "div.columns" }],
  renderHTML: ({ HTMLAttributes }) => ["div", mergeAttributes({ class: "columns" }, HTMLAttributes), 0],
});

export const Column = Node.create({
  name: "column",
  content: "flow*",
  isolating: true,
  selectable: false,
  addAttributes: () => ({
    width: {
      default: null,
      parseHTML: (element: HTMLElement) => Number(element.dataset.width) || null,
      renderHTML: ({ width }) =>
        typeof width === "number" ? { "data-width": width, style: `flex-grow: ${width}` } : {},
    },
  }),
  parseHTML: () => [{ tag: "div.column" }],
  renderHTML: ({ HTMLAttributes }) => ["div", mergeAttributes({ class: "column" }, HTMLAttributes), 0],
});
