/**
 * The text of a block on the page as anchors of comments count it: what people wrote, without spaces, buttons, formulas
 * and values of runs. The reader and the editor differ in their elements and not in that text.
 */

import type { CommentAnchor } from "@/api/reports/comments";
import { MOST_CONTEXT_CHARS, MOST_QUOTE_CHARS, squash } from "@/data/report/quotes";

/** Elements whose text no one wrote here. */
const FOREIGN = [
  ...[".live-value", ".mention", ".formula", "math", "button", "select", "svg", ".anchor", ".tick"],
  ...["[contenteditable=false]", "figcaption", ".report-grid", ".report-card"],
  ...[".media-link", ".report-head", ".report-unknown"],
].join(",");

const LINES = "p, li, td, th, h1, h2, h3, h4, h5, h6, summary, pre";

/** The blocks at the top: of the reader, and of the editor. */
const TOP_BLOCKS = "article > .block[id], .written > [id]";

export interface BlockText {
  readonly text: string;
  /** The range between two positions in the text. */
  rangeOf(start: number, end: number): Range | null;
}

function textNodesOf(block: Element): readonly Text[] {
  const walker = document.createTreeWalker(block, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT, {
    acceptNode: (node) =>
      node instanceof Element
        ? node.matches(FOREIGN)
          ? NodeFilter.FILTER_REJECT
          : NodeFilter.FILTER_SKIP
        : NodeFilter.FILTER_ACCEPT,
  });
  const nodes: Text[] = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) nodes.push(node as Text);
  return nodes;
}

export function textOfBlock(block: Element): BlockText {
  const nodes = textNodesOf(block);
  const starts: number[] = [];
  let text = "";
  for (const node of nodes) {
    starts.push(text.length);
    text += squash(node.data);
  }
  const pointOf = (position: number, isEnd: boolean): readonly [Text, number] | null => {
    for (let i = nodes.length - 1; i >= 0; i--) {
      const start = starts[i]!;
      if (start > position || (isEnd && start === position && position > 0)) continue;
      const node = nodes[i]!;
      let n = position - start;
      for (let at = 0; at < node.length; at++) {
        if (/\s/.test(node.data[at]!)) continue;
        if (n === 0 && !isEnd) return [node, at];
        n--;
        if (n <= 0 && isEnd) return [node, at + 1];
      }
    }
    return null;
  };
  const rangeOf = (start: number, end: number): Range | null => {
    const [from, to] = [pointOf(start, false), pointOf(end, true)];
    if (!from || !to) return null;
    const range = document.createRange();
    range.setStart(...from);
    range.setEnd(...to);
    return range;
  };
  return { text, rangeOf };
}

/** The first words of a block; null: it has none. */
export function wordsOfBlock(block: Element, most: number): string | null {
  const range = document.createRange();
  range.selectNodeContents(block);
  const words = textIn(block, range).trim();
  return words.length > most ? `${words.slice(0, most)}…` : words || null;
}

/** The block at the top of a report in which a node is; null: it is in none. */
export function topBlockOf(node: Node | null): HTMLElement | null {
  const element = node instanceof Element ? node : (node?.parentElement ?? null);
  return element?.closest<HTMLElement>(TOP_BLOCKS) ?? null;
}

/** The anchor of the selected text in a report; null: nothing is selected. */
export function selectedAnchor(article: HTMLElement): CommentAnchor | null {
  const selection = document.getSelection();
  if (!selection || selection.isCollapsed || selection.rangeCount === 0) return null;
  const range = selection.getRangeAt(0);
  return article.contains(range.commonAncestorContainer) ? anchorOfRange(range) : null;
}

/** The anchor of what is selected in a report, in the first block of it; null: there is no text. */
function anchorOfRange(range: Range): CommentAnchor | null {
  const block = topBlockOf(range.startContainer);
  if (!block) return null;
  const inside = range.cloneRange();
  if (!block.contains(range.endContainer)) inside.setEnd(block, block.childNodes.length);
  const before = document.createRange();
  before.setStart(block, 0);
  before.setEnd(inside.startContainer, inside.startOffset);
  const after = document.createRange();
  after.setStart(inside.endContainer, inside.endOffset);
  after.setEnd(block, block.childNodes.length);
  const [prefix, exact, suffix] = [before, inside, after].map((part) => textIn(block, part));
  const words = exact?.trim() ?? "";
  if (words === "") return null;
  return {
    block: block.id,
    exact: words.slice(0, MOST_QUOTE_CHARS),
    prefix: prefix?.slice(-MOST_CONTEXT_CHARS) ?? "",
    suffix: words.length > MOST_QUOTE_CHARS ? "" : (suffix?.slice(0, MOST_CONTEXT_CHARS) ?? ""),
  };
}

/** The words of a block that a range has, with a space between its lines. */
function textIn(block: Element, range: Range): string {
  let text = "";
  let line: Element | null = null;
  for (const node of textNodesOf(block)) {
    if (!range.intersectsNode(node)) continue;
    const start = node === range.startContainer ? range.startOffset : 0;
    const end = node === range.endContainer ? range.endOffset : node.length;
    const own = node.parentElement?.closest(LINES) ?? null;
    if (line !== null && own !== line) text += " ";
    line = own;
    text += node.data.slice(start, Math.max(start, end));
  }
  return text;
}
