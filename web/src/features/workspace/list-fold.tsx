/** The runs list as a narrow strip: by itself on a narrow page, or as it is chosen in this browser. */

import { type ReactNode, type RefObject, useState } from "react";
import { flushSync } from "react-dom";
import { formatCount } from "@/data/text/format";
import { readStored, writeStored } from "@/ui/browser/stored";
import { IconButton } from "@/ui/controls/icon-button";
import { usePageKeys } from "@/ui/keys/use-page-keys";

/** A laptop's page at 150 %: list and charts side by side leave both too little. */
const NARROW_PAGE_PX = 1000;

/** The strip's width, px. */
export const STRIP_PX = 40;

/** Choices on narrow pages are no choices for wide ones. */
const FOLDED_ON_WIDE = "runs-folded";
const OPEN_ON_NARROW = "runs-open-narrow";

/** Whether the list is folded, and a function that folds or opens it. A narrow page has no room for it next to settings. */
export function useListFold(
  pageWidth: number,
  areSettingsOpen: boolean,
): [boolean, (isFolded: boolean) => void] {
  const [isOpenBeside, setOpenBeside] = useState(false);
  if (isOpenBeside && !areSettingsOpen) setOpenBeside(false);
  const [isFoldedOnWide, setFoldedOnWide] = useState(() => readStored(FOLDED_ON_WIDE) === "1");
  const [isOpenOnNarrow, setOpenOnNarrow] = useState(() => readStored(OPEN_ON_NARROW) === "1");
  const isNarrow = (pageWidth || window.innerWidth) < NARROW_PAGE_PX;
  const setFolded = (isFolded: boolean) => {
    if (isNarrow && areSettingsOpen) setOpenBeside(!isFolded);
    else if (isNarrow) {
      setOpenOnNarrow(!isFolded);
      writeStored(OPEN_ON_NARROW, isFolded ? null : "1");
    } else {
      setFoldedOnWide(isFolded);
      writeStored(FOLDED_ON_WIDE, isFolded ? "1" : null);
    }
  };
  const isOpen = areSettingsOpen ? isOpenBeside : isOpenOnNarrow;
  return [isNarrow ? !isOpen : isFoldedOnWide, setFolded];
}

/** Windows at the list's buttons that keys open. */
export type ListWindow = "filter" | "group";

const WINDOWS: Readonly<Record<string, ListWindow>> = { f: "filter", g: "group" };

interface ListKeys {
  readonly isFolded: boolean;
  readonly search: RefObject<HTMLInputElement | null>;
  setFolded(isFolded: boolean): void;
  onWindow(window: ListWindow): void;
}

/** A key that folds and opens the list; those of its search and its windows open it, too. */
export function useListKeys({ isFolded, search, setFolded, onWindow }: ListKeys): void {
  usePageKeys((key) => {
    const opened = WINDOWS[key];
    if (opened) {
      if (isFolded) setFolded(false);
      onWindow(opened);
      return true;
    }
    const isSearch = key === "/" && isFolded;
    if (!isSearch && key !== "[") return false;
    flushSync(() => setFolded(!isFolded));
    if (isSearch) search.current?.focus();
    return true;
  });
}

interface FoldedListProps {
  readonly nShown: number;
  readonly nListed: number;
  /** Of the list and its search, in words; empty: all runs are listed. */
  readonly filter: string;
  /** At the other end of the strip, where it lies across the page. */
  readonly end?: ReactNode;
  onOpen(): void;
  onFilter(): void;
}

export function FoldedList({ nShown, nListed, filter, end, onOpen, onFilter }: FoldedListProps) {
  return (
    <section className="runs strip" aria-label="Runs">
      <IconButton icon="right" label="Show the runs list ([)" onClick={onOpen} />
      <button type="button" className="strip-text" tabIndex={-1} aria-hidden="true" onClick={onOpen}>
        Runs{" "}
        <span className="count">
          {formatCount(nShown)} / {formatCount(nListed)}
        </span>
      </button>
      {filter !== "" && (
        <IconButton icon="filter" label={`Only runs with ${filter}`} className="on" onClick={onFilter} />
      )}
      {end}
    </section>
  );
}
