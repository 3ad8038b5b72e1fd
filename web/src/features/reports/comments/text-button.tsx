/** A button at selected text, and at the block under the pointer, that begins a comment on it. */

import { useEffect, useState } from "react";
import type { CommentAnchor } from "@/api/reports/comments";
import { Icon } from "@/ui/signs/icons";
import { selectedAnchor, topBlockOf } from "./block-text";

interface TextButtonProps {
  readonly article: HTMLElement;
  /** The element that positions are relative to. */
  readonly page: HTMLElement;
  onBegin(anchor: CommentAnchor): void;
}

interface Target {
  readonly anchor: CommentAnchor;
  readonly left: number;
  readonly top: number;
}

const BUTTON_PX = 30;

export function TextButton({ article, page, onBegin }: TextButtonProps) {
  const [selected, setSelected] = useState<Target | null>(null);
  const [hovered, setHovered] = useState<Target | null>(null);
  useEffect(() => {
    const look = () => {
      const anchor = selectedAnchor(article);
      const rects = anchor ? document.getSelection()!.getRangeAt(0).getClientRects() : null;
      const last = rects?.[rects.length - 1];
      if (!anchor || !last) return setSelected(null);
      const frame = page.getBoundingClientRect();
      const left = Math.min(last.right - frame.left, frame.width - 120);
      setSelected({ anchor, left, top: last.bottom - frame.top + 6 });
    };
    document.addEventListener("selectionchange", look);
    return () => document.removeEventListener("selectionchange", look);
  }, [article, page]);
  useEffect(() => {
    const onMove = (event: PointerEvent) => {
      if (event.pointerType === "touch") return;
      const block = topBlockOf(event.target as Node);
      if (!block) return;
      const [rect, frame] = [block.getBoundingClientRect(), page.getBoundingClientRect()];
      const target = {
        anchor: { block: block.id },
        left: Math.min(rect.right - frame.left, frame.width - BUTTON_PX),
        top: rect.top - frame.top + 4,
      };
      setHovered((before) =>
        before?.anchor.block === block.id && before.top === target.top ? before : target,
      );
    };
    const onLeave = (event: PointerEvent) => {
      if (!(event.relatedTarget instanceof Element && event.relatedTarget.closest(".comment-at")))
        setHovered(null);
    };
    article.addEventListener("pointermove", onMove);
    article.addEventListener("pointerleave", onLeave);
    return () => {
      article.removeEventListener("pointermove", onMove);
      article.removeEventListener("pointerleave", onLeave);
    };
  }, [article, page]);
  const target = selected ?? hovered;
  if (!target) return null;
  const { anchor, left, top } = target;
  return (
    <button
      type="button"
      className={`btn sm comment-at ${selected ? "" : "ico q"}`}
      style={{ left, top }}
      aria-label={selected ? "Comment on the selected text" : "Comment on this block"}
      title={selected ? "Comment (Ctrl+Alt+M)" : "Comment on this block"}
      onMouseDown={(event) => event.preventDefault()}
      onClick={() => {
        setHovered(null);
        setSelected(null);
        onBegin(anchor);
      }}
    >
      <Icon name="comment" isSmall />
      {selected && "Comment"}
    </button>
  );
}
