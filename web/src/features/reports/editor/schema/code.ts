/** Code with the colors of its language, by the parsers of shown files. */

import { Node, textblockTypeInputRule } from "@tiptap/core";
import type { Node as ProseNode } from "@tiptap/pm/model";
import { Plugin, PluginKey } from "@tiptap/pm/state";
import { Mapping, StepMap } from "@tiptap/pm/transform";
import { Decoration, DecorationSet, type EditorView } from "@tiptap/pm/view";
import { ReactNodeViewRenderer } from "@tiptap/react";
import { parserOf } from "@/ui/code/code-parser";
import { type CodeParser, codeSpans } from "@/ui/code/code-spans";
import { CodeView } from "../objects/code-view";
import { viewAttributes } from "./view-attributes";

export const CodeBlock = Node.create({
  name: "codeBlock",
  group: "flow",
  content: "text*",
  marks: "",
  code: true,
  defining: true,
  addAttributes: () => ({
    language: {
      default: null,
      parseHTML: (element: HTMLElement) => languageOf(element),
      renderHTML: ({ language }) => (language ? { "data-language": language } : {}),
    },
  }),
  parseHTML: () => [{ tag: "pre", preserveWhitespace: "full" }],
  renderHTML: ({ HTMLAttributes }) => ["pre", HTMLAttributes, ["code", 0]],
  addNodeView: () => ReactNodeViewRenderer(CodeView, { attrs: viewAttributes }),
  addInputRules() {
    const getAttributes = (match: RegExpMatchArray) => ({ language: match[1] || null });
    return [textblockTypeInputRule({ find: /^```([\w+-]*)[\s\n]$/, type: this.type, getAttributes })];
  },
  addKeyboardShortcuts() {
    const isInCode = () => this.editor.state.selection.$from.parent.type === this.type;
    return {
      "Mod-Alt-c": () => this.editor.commands.toggleNode(this.name, "paragraph"),
      Tab: () => isInCode() && this.editor.commands.insertContent("  "),
      Enter: () => {
        const { $from, empty } = this.editor.state.selection;
        if ($from.parent.type !== this.type) {
          // ``` and Enter, without the space
          const fence = /^```([\w+-]*)$/.exec($from.parent.textContent);
          if (!fence || $from.parent.type.name !== "paragraph" || !empty) return false;
          return this.editor
            .chain()
            .deleteRange({ from: $from.start(), to: $from.end() })
            .setNode(this.name, { language: fence[1] || null })
            .run();
        }
        // two empty lines at the end lead out of it
        const isAtEnd = $from.parentOffset === $from.parent.content.size;
        if (!empty || !isAtEnd || !$from.parent.textContent.endsWith("\n\n")) return false;
        return this.editor
          .chain()
          .command(({ tr }) => {
            tr.delete($from.pos - 2, $from.pos);
            return true;
          })
          .exitCode()
          .run();
      },
      Backspace: () => {
        const { $from, empty } = this.editor.state.selection;
        if (!empty || $from.parent.type !== this.type || $from.parentOffset > 0) return false;
        return this.editor.commands.setNode("paragraph");
      },
      ArrowDown: () => {
        const { $from, empty } = this.editor.state.selection;
        const isLast =
          $from.parent.type === this.type && $from.after() === this.editor.state.doc.content.size;
        if (!empty || !isLast || $from.parentOffset < $from.parent.content.size) return false;
        return this.editor.commands.exitCode();
      },
    };
  },
  addProseMirrorPlugins: () => [colors()],
});

function languageOf(element: HTMLElement): string | null {
  const named = element.dataset.language ?? element.querySelector("code")?.className ?? "";
  return named.replace(/^.*language-/, "").slice(0, 40) || null;
}

const key = new PluginKey<DecorationSet>("code colors");

/** Blocks of more characters have no colors, as each key parses all of it. */
const MOST_CHARACTERS = 20_000;

/** The colors of all blocks of code; a block is parsed again when it or its language changes. */
function colors(): Plugin<DecorationSet> {
  const parsers = new Map<string, CodeParser | null>();
  const spans = new WeakMap<ProseNode, readonly (readonly [from: number, to: number, classes: string])[]>();

  const decorate = (doc: ProseNode): DecorationSet => {
    const decorations: Decoration[] = [];
    doc.descendants((node, pos) => {
      if (node.isTextblock) {
        if (node.type.name === "codeBlock" && node.attrs.language && node.content.size <= MOST_CHARACTERS) {
          const parser = parsers.get(node.attrs.language);
          if (parser)
            for (const [from, to, classes] of spansOf(node, parser))
              decorations.push(Decoration.inline(pos + 1 + from, pos + 1 + to, { class: classes }));
        }
        return false;
      }
      return true;
    });
    return DecorationSet.create(doc, decorations);
  };
  const spansOf = (node: ProseNode, parser: CodeParser) => {
    const parsed = spans.get(node) ?? codeSpans(node.textContent, parser);
    spans.set(node, parsed);
    return parsed;
  };
  const hasCode = (doc: ProseNode, from: number, to: number): boolean => {
    let has = false;
    doc.nodesBetween(from, Math.min(to, doc.content.size), (node) => {
      has ||= node.type.name === "codeBlock";
      return !has;
    });
    return has;
  };
  const load = (view: EditorView) =>
    view.state.doc.descendants((node) => {
      const language = node.type.name === "codeBlock" ? (node.attrs.language as string | null) : null;
      if (!language || parsers.has(language)) return !node.isTextblock;
      parsers.set(language, null);
      void parserOf(language).then((parser) => {
        parsers.set(language, parser);
        if (parser && !view.isDestroyed) view.dispatch(view.state.tr.setMeta(key, true));
      });
      return false;
    });

  return new Plugin<DecorationSet>({
    key,
    state: {
      init: (_, { doc }) => decorate(doc),
      apply: (tr, before, old, { doc }) => {
        if (tr.getMeta(key)) return decorate(doc);
        if (!tr.docChanged) return before;
        const start = old.doc.content.findDiffStart(doc.content);
        const end = old.doc.content.findDiffEnd(doc.content);
        if (start === null || end === null) return before;
        const last = Math.max(start, end.a, start + end.a - end.b);
        const lastNow = last + end.b - end.a;
        if (hasCode(old.doc, start, last) || hasCode(doc, start, lastNow)) return decorate(doc);
        // not by the steps: those of other people's changes replace the whole document
        return before.map(new Mapping([new StepMap([start, last - start, lastNow - start])]), doc);
      },
    },
    props: { decorations: (state) => key.getState(state) },
    view: (view) => {
      load(view);
      return {
        update: (next, previous) => {
          if (next.state.doc !== previous.doc && hasCode(next.state.doc, 0, next.state.doc.content.size))
            load(next);
        },
      };
    },
  });
}
