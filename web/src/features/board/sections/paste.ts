/** Ctrl V on a board: puts there what was copied from a board, be it of another view, project or server. */

import { useEffect, useEffectEvent, useState } from "react";
import { type Board, panelTitle } from "@/data/board/board";
import { type Copied, paste, readCopied, takeBackPaste } from "@/data/board/copied";
import { formatNoun } from "@/data/text/format";
import { sectionView } from "@/data/view/view";
import { MOD_NAME } from "@/ui/keys/key-hint";
import { isOfPage, isPageCovered } from "@/ui/keys/page-keys";
import { showDone } from "@/ui/overlays/toasts";
import { useReadView, useSetView } from "../../view/view-store";
import { focusMenu } from "../moving/focus";

/** The part of the message after "Copied". */
export function pasteHint(label: string): string {
  return `${label}. Paste it on any board with ${MOD_NAME} V`;
}

export function usePaste(board: Board): void {
  const setView = useSetView();
  const readView = useReadView();
  /** Panels pasted before the board's sections were known. */
  const [early, setEarly] = useState<Copied | null>(null);
  const put = (copied: Copied) => {
    const pasted = paste(readView(), board, copied);
    setView(pasted.part);
    const [first] = pasted.ids;
    if (first !== undefined) focusMenu(first);
    const [only] = copied.panels.length === 1 ? copied.panels : [];
    const label = only ? panelTitle(only) : formatNoun(pasted.ids.length, "panel");
    const title = sectionView(readView(), pasted.section).title ?? pasted.section;
    showDone(`Pasted ${label} into ${title}`, {
      label: "Undo",
      run: () => setView((view) => takeBackPaste(view, pasted)),
    });
  };
  const putEarly = useEffectEvent(() => {
    if (early) put(early);
    setEarly(null);
  });
  useEffect(() => {
    if (board.isKnown) putEarly();
  }, [board.isKnown]);
  const onPaste = useEffectEvent((event: ClipboardEvent) => {
    if (event.defaultPrevented || isPageCovered() || !isOfPage(event.target)) return;
    const copied = readCopied(event.clipboardData?.getData("text/plain") ?? "");
    if (!copied) return;
    event.preventDefault();
    if (board.isKnown) put(copied);
    else setEarly(copied);
  });
  useEffect(() => {
    const listener = (event: ClipboardEvent) => onPaste(event);
    document.addEventListener("paste", listener);
    return () => document.removeEventListener("paste", listener);
  }, []);
}
