/** The comments on a report's page: highlights, the threads next to the text, and buttons that begin a thread. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { createPortal } from "react-dom";
import { NOTIFICATIONS_KEY, notificationsQuery, readNotifications } from "@/api/people/notifications";
import { usePageWidth } from "@/ui/hooks/use-phone";
import { useStable } from "@/ui/hooks/use-stable";
import { useHasAccounts } from "../../person";
import { selectedAnchor } from "./block-text";
import { useComments } from "./comments-context";
import { COLUMN_PAGE_PX } from "./comments-frame";
import { paintHighlights, removeHighlights, threadAt } from "./highlights";
import { TextButton } from "./text-button";
import { ThreadList } from "./thread-list";
import { DRAFT_ID, useAnchored } from "./use-anchored";
import "./comments.css";

interface CommentsLayerProps {
  /** The report with its bar, in which a drawer stands. */
  readonly report: HTMLElement;
  /** It has a bar of its own for selected text. */
  readonly isEditor?: boolean;
}

export default function CommentsLayer({ report, isEditor = false }: CommentsLayerProps) {
  const frame = useComments();
  const [parts, setParts] = useState<{ article: HTMLElement; page: HTMLElement } | null>(null);
  const isWide = usePageWidth() >= COLUMN_PAGE_PX;
  useEffect(() => {
    const article = report.querySelector<HTMLElement>(".report-page > article");
    if (article?.parentElement) setParts({ article, page: article.parentElement });
  }, [report]);
  const article = parts?.article ?? null;
  const threads = frame?.threads ?? NO_THREADS;
  const anchored = useAnchored(article, threads, frame?.draft ?? null);
  const selected = frame?.draft ? DRAFT_ID : (frame?.selected ?? null);
  const areResolvedShown = frame?.areResolvedShown ?? false;
  const isOpen = frame?.isOpen ?? false;
  useEffect(() => {
    const hidden = new Set(
      threads
        .filter(({ id, resolved_micros: at }) => at !== null && !areResolvedShown && id !== selected)
        .map(({ id }) => id),
    );
    paintHighlights(new Map([...anchored].filter(([id]) => !hidden.has(id))), selected);
  }, [anchored, selected, threads, areResolvedShown]);
  useEffect(() => removeHighlights, []);
  const onSelect = useStable((id: string | null) => frame?.select(id));
  useEffect(() => {
    if (!article) return;
    const onClick = (event: MouseEvent) => {
      if (event.defaultPrevented || !document.getSelection()?.isCollapsed) return;
      if (event.target instanceof Element && event.target.closest("a, button, input")) return;
      const id = threadAt(anchored, event.clientX, event.clientY);
      if (id && id !== DRAFT_ID) onSelect(id);
    };
    article.addEventListener("click", onClick);
    return () => article.removeEventListener("click", onClick);
  }, [article, anchored, onSelect]);
  useShowSelected(selected, anchored);
  useReadNotifications(frame?.selected ?? null);
  const begin = useStable(() => {
    if (!frame?.mayComment || !article) return;
    frame.begin(selectedAnchor(article) ?? {});
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isKey = event.code === "KeyM" && event.altKey && (event.ctrlKey || event.metaKey);
      if (!isKey) return;
      event.preventDefault();
      begin();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [begin]);
  if (!frame || !parts) return null;
  const list = isOpen && <ThreadList anchored={anchored} page={isWide ? parts.page : null} onBegin={begin} />;
  return (
    <>
      {frame.mayComment && !isEditor && (
        <TextButton article={parts.article} page={parts.page} onBegin={frame.begin} />
      )}
      {list && (isWide ? list : createPortal(list, report))}
    </>
  );
}

const NO_THREADS = [] as const;

/** What one was told of a thread is read once it is open. */
function useReadNotifications(thread: string | null): void {
  const client = useQueryClient();
  const hasAccounts = useHasAccounts();
  const { data } = useQuery({ ...notificationsQuery, enabled: hasAccounts });
  useEffect(() => {
    const unread = data?.notifications.filter((item) => item.thread === thread && !item.is_read) ?? [];
    if (unread.length === 0) return;
    readNotifications(unread.map(({ id }) => id))
      .then(() => client.invalidateQueries({ queryKey: NOTIFICATIONS_KEY }))
      // they stay unread, and nothing is lost
      .catch(() => undefined);
  }, [client, data, thread]);
}

/** Scrolls to the text of a thread when it is selected, and to its card in a drawer. */
function useShowSelected(selected: string | null, anchored: ReturnType<typeof useAnchored>): void {
  const [shown, setShown] = useState<string | null>(null);
  useEffect(() => {
    if (selected === null) {
      setShown(null);
      return;
    }
    const part = anchored.get(selected);
    if (selected === shown || !part) return;
    setShown(selected);
    const element = part.range?.startContainer.parentElement ?? part.element;
    const rect = element?.getBoundingClientRect();
    const isInView = rect && rect.top > 120 && rect.bottom < window.innerHeight - 80;
    if (element && !isInView) element.scrollIntoView({ block: "center" });
    document
      .querySelector(`.comment-drawer [data-thread=${JSON.stringify(selected)}]`)
      ?.scrollIntoView({ block: "nearest" });
  }, [selected, anchored, shown]);
}
