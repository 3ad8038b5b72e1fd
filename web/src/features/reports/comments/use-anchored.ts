/** The parts of the page that threads of comments are about, found again whenever the page changes. */

import { useEffect, useState } from "react";
import type { CommentAnchor, CommentThread } from "@/api/reports/comments";
import { findQuote } from "@/data/report/quotes";
import { type BlockText, textOfBlock, topBlockOf, wordsOfBlock } from "./block-text";

/** `changed`: other words are there now; `gone`: neither the words nor their block are there. */
export type AnchorState = "there" | "changed" | "gone" | "whole";

export interface Anchored {
  readonly state: AnchorState;
  /** Null: a block, a panel, or all of the report. */
  readonly range: Range | null;
  readonly element: Element | null;
  /** Of a block its first words, of a panel its name; null: the quote says it. */
  readonly name: string | null;
}

/** The id of what is being written. */
export const DRAFT_ID = "draft";

const WHOLE: Anchored = { state: "whole", range: null, element: null, name: null };
const GONE: Anchored = { state: "gone", range: null, element: null, name: null };
const MOST_NAME_CHARS = 80;
const SETTLE_MILLIS = 120;

/** By thread, and by `DRAFT_ID`. */
export function useAnchored(
  article: HTMLElement | null,
  threads: readonly CommentThread[],
  draft: CommentAnchor | null,
): ReadonlyMap<string, Anchored> {
  const [anchored, setAnchored] = useState<ReadonlyMap<string, Anchored>>(new Map());
  useEffect(() => {
    if (!article) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const find = () => {
      timer = undefined;
      const texts = new Map<Element, BlockText>();
      const entries = threads.map(
        ({ id, anchor, is_quote_withheld: isWithheld }) =>
          [
            id,
            isWithheld ? asChanged(findAnchor(article, anchor, texts)) : findAnchor(article, anchor, texts),
          ] as const,
      );
      if (draft) entries.push([DRAFT_ID, findAnchor(article, draft, texts)]);
      setAnchored(new Map(entries));
    };
    const findSoon = () => {
      timer ??= setTimeout(find, SETTLE_MILLIS);
    };
    find();
    const sizes = new ResizeObserver(findSoon);
    sizes.observe(article);
    const changes = new MutationObserver(findSoon);
    changes.observe(article, { childList: true, characterData: true, subtree: true });
    return () => {
      clearTimeout(timer);
      sizes.disconnect();
      changes.disconnect();
    };
  }, [article, threads, draft]);
  return anchored;
}

function asChanged(anchored: Anchored): Anchored {
  return anchored.state === "there" ? { ...anchored, state: "changed" } : anchored;
}

function findAnchor(
  article: HTMLElement,
  { block: id, panel, exact = "", prefix = "", suffix = "" }: CommentAnchor,
  texts: Map<Element, BlockText>,
): Anchored {
  if (!id) return WHOLE;
  const block = article.querySelector(`[id=${JSON.stringify(id)}]`);
  if (panel) {
    const element = block?.querySelector(`[data-panel=${JSON.stringify(`${id}.${panel}`)}]`) ?? block;
    const name = element?.getAttribute("aria-label") ?? null;
    return element ? { state: "there", range: null, element, name } : GONE;
  }
  if (exact === "") {
    const name = block ? wordsOfBlock(block, MOST_NAME_CHARS) : null;
    return block ? { state: "there", range: null, element: block, name } : GONE;
  }
  const textOf = (element: Element) => {
    const text = texts.get(element) ?? textOfBlock(element);
    texts.set(element, text);
    return text;
  };
  const own = block && textOf(block);
  const match = findQuote(own?.text ?? null, () => textOf(article).text, { exact, prefix, suffix });
  if (!match) return block ? { state: "changed", range: null, element: block, name: null } : GONE;
  const range = (match.isInBlock && own ? own : textOf(article)).rangeOf(match.start, match.end);
  const element = match.isInBlock ? block : topBlockOf(range?.startContainer ?? null);
  return { state: match.isChanged ? "changed" : "there", range, element, name: null };
}

/** The distance from the top of an element to a part of the page, px; null: the part is not there. */
export function topOf({ range, element }: Anchored, frame: Element): number | null {
  const rects = range ? range.getClientRects() : [];
  const rect = rects.length > 0 ? rects[0]! : element?.getBoundingClientRect();
  return rect ? rect.top - frame.getBoundingClientRect().top : null;
}
