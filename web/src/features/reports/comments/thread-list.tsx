/** The threads of a report: a column next to the text, a drawer on narrow pages, a sheet on a phone. */

import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { type CommentThread, commentsOf } from "@/api/reports/comments";
import { stackTops } from "@/data/report/quotes";
import { formatNoun } from "@/data/text/format";
import { IconButton } from "@/ui/controls/icon-button";
import { Switch } from "@/ui/controls/switch";
import { CommentForm } from "./comment-form";
import { type CommentsFrame, useComments } from "./comments-context";
import { quoteOf, ThreadCard } from "./thread-card";
import { type Anchored, DRAFT_ID, topOf } from "./use-anchored";

interface ThreadListProps {
  readonly anchored: ReadonlyMap<string, Anchored>;
  /** The page that a column stands in; null: a drawer. */
  readonly page: HTMLElement | null;
  /** The anchor of what is selected, or of all of the report. */
  onBegin(): void;
}

const GAP_PX = 10;

export function ThreadList({ anchored, page, onBegin }: ThreadListProps) {
  const frame = useComments();
  const box = useRef<HTMLElement>(null);
  const isColumn = page !== null;
  const cards = useCards(frame, anchored, page);
  const tops = useTops(cards, anchored, page, box, frame?.selected ?? null);
  useEffect(() => {
    if (!isColumn) box.current?.focus({ preventScroll: true });
  }, [isColumn]);
  if (!frame) return null;
  const { threads, mayComment, selected, areResolvedShown, draft } = frame;
  const firstGone = cards.find(({ id }) => anchored.get(id)?.state === "gone") ?? null;
  const nOpen = threads.filter(isOpenThread).length;
  const nResolved = threads.length - nOpen;
  return (
    <aside
      ref={box}
      className={isColumn ? "comment-column" : "comment-drawer"}
      aria-label="Comments"
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.defaultPrevented) return;
        event.preventDefault();
        if (selected !== null) frame.select(null);
        else frame.setOpen(false);
      }}
    >
      <div className="comment-top">
        <b>{nOpen > 0 ? formatNoun(nOpen, "open thread") : "Comments"}</b>
        <span className="grow" />
        {nResolved > 0 && (
          <Switch
            label={`${nResolved} resolved`}
            isOn={areResolvedShown}
            isLabelVisible
            onChange={frame.showResolved}
          />
        )}
        {mayComment && (
          <IconButton
            icon="plus"
            label="Comment on the report, or on selected text (Ctrl+Alt+M)"
            isSmall
            onMouseDown={(event) => event.preventDefault()}
            onClick={onBegin}
          />
        )}
        <IconButton icon="x" label="Close the comments" isSmall onClick={() => frame.setOpen(false)} />
      </div>
      {cards.length === 0 && <NoThreads frame={frame} hasResolved={nResolved > 0} />}
      <ul className="threads">
        {cards.map(({ id, thread }) => (
          <li key={id} data-thread={id} style={isColumn ? { top: tops.get(id) ?? 0 } : undefined}>
            {id === firstGone?.id && (
              <h3 className="threads-gone">Not in {frame.version === null ? "the draft" : "this version"}</h3>
            )}
            {thread ? (
              <ThreadCard
                thread={thread}
                state={anchored.get(id)?.state ?? "there"}
                name={anchored.get(id)?.name ?? null}
                isSelected={id === selected && draft === null}
              />
            ) : (
              <NewThread frame={frame} name={anchored.get(id)?.name ?? null} />
            )}
          </li>
        ))}
      </ul>
    </aside>
  );
}

function isOpenThread({ resolved_micros: resolved }: CommentThread): boolean {
  return resolved === null;
}

function NoThreads({ frame, hasResolved }: { frame: CommentsFrame; hasResolved: boolean }): ReactNode {
  return (
    <p className="muted comment-none">
      {hasResolved ? "All threads are resolved." : "No one has commented yet."}
      {frame.mayComment && " Select some text, or point at a block, to comment on it."}
    </p>
  );
}

function NewThread({ frame, name }: { frame: CommentsFrame; name: string | null }) {
  const { project, report, draft, audience, version, begin, select } = frame;
  const client = useQueryClient();
  if (!draft) return null;
  return (
    <article className="thread on" aria-label="New comment">
      <p className="thread-quote">
        <span className="ell">{quoteOf({ anchor: draft, is_quote_withheld: false }, name)}</span>
      </p>
      <CommentForm
        label="Comment"
        verb="Comment"
        isFocused
        note={audience === "editors" ? "Editors see it" : "Readers see it"}
        onSend={async (body) => {
          const thread = await commentsOf(client, project, report).addThread(body, draft, audience, version);
          begin(null);
          select(thread.id);
        }}
        onCancel={() => begin(null)}
      />
    </article>
  );
}

interface Card {
  readonly id: string;
  /** Null: what is being written. */
  readonly thread: CommentThread | null;
}

const NO_CARDS: readonly Card[] = [];

/** The threads in the order of the text, those without one at the end. */
function useCards(
  frame: CommentsFrame | null,
  anchored: ReadonlyMap<string, Anchored>,
  page: HTMLElement | null,
): readonly Card[] {
  return useMemo(() => {
    if (!frame) return NO_CARDS;
    const shown = frame.threads.filter(
      (thread) => isOpenThread(thread) || frame.areResolvedShown || thread.id === frame.selected,
    );
    const cards: readonly Card[] = [
      ...shown.map((thread) => ({ id: thread.id, thread })),
      ...(frame.draft ? [{ id: DRAFT_ID, thread: null }] : []),
    ];
    const root = page ?? document.documentElement;
    const orders = new Map(cards.map(({ id }) => [id, orderOf(anchored.get(id), root)]));
    return cards.toSorted((a, b) => orders.get(a.id)! - orders.get(b.id)!);
  }, [frame, anchored, page]);
}

function orderOf(anchored: Anchored | undefined, root: Element): number {
  if (!anchored || anchored.state === "gone") return Number.MAX_VALUE;
  return topOf(anchored, root) ?? -1;
}

/** The tops of cards in a column, px below its head. */
function useTops(
  cards: readonly Card[],
  anchored: ReadonlyMap<string, Anchored>,
  page: HTMLElement | null,
  box: React.RefObject<HTMLElement | null>,
  selected: string | null,
): ReadonlyMap<string, number> {
  const [tops, setTops] = useState<ReadonlyMap<string, number>>(new Map());
  useLayoutEffect(() => {
    const list = box.current?.querySelector(".threads");
    if (!page || !list) return;
    const layOut = () => {
      let least = 0;
      const stacked = cards.map(({ id }) => {
        const item = list.querySelector<HTMLElement>(`[data-thread="${id}"]`);
        const part = anchored.get(id);
        const top = (part && part.state !== "gone" ? topOf(part, list) : null) ?? least;
        least = Math.max(least, top);
        return { id, top: Math.max(0, top), height: item?.offsetHeight ?? 0 };
      });
      const isWriting = cards.some(({ thread }) => thread === null);
      const next = stackTops(stacked, isWriting ? DRAFT_ID : selected, GAP_PX);
      setTops((before) => (isEqual(before, next) ? before : next));
    };
    layOut();
    const sizes = new ResizeObserver(layOut);
    for (const item of list.children) sizes.observe(item);
    return () => sizes.disconnect();
  }, [cards, anchored, page, box, selected]);
  return tops;
}

function isEqual(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean {
  return a.size === b.size && [...a].every(([id, top]) => b.get(id) === top);
}
