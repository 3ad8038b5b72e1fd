/** Lists that scroll with their page: at first their first rows, then all of them, drawn as they come into view. */

import { type ReactNode, useEffect, useRef, useState } from "react";
import { formatCount } from "@/data/text/format";
import { useInView } from "@/panels/frame/use-in-view";
import { usePageWidth, useRowPx } from "@/ui/hooks/use-phone";

/** The first rows in columns next to each other, and where lists stand above one another. */
const FIRST_ROWS = { wide: 30, narrow: 12 };
/** As in `run-page.css`. */
const WIDE_PX = 1180;
/** A button that shows no more rows than these takes nearly their place. */
const FEW_ROWS = 4;
const BLOCK_ROWS = 20;

interface FirstRows {
  /** The number of rows to show. */
  readonly nShown: number;
  /** Shows all rows, and the first ones again; null where these are all. */
  readonly button: ReactNode;
}

/** @param nValues what the button counts, where some rows are headings */
export function useFirstRows(nRows: number, nValues = nRows): FirstRows {
  const [isWhole, setWhole] = useState(false);
  const nFirst = usePageWidth() > WIDE_PX ? FIRST_ROWS.wide : FIRST_ROWS.narrow;
  if (nRows <= nFirst + FEW_ROWS) return { nShown: nRows, button: null };
  const button = (
    <button
      type="button"
      className="btn q sm more-rows"
      aria-expanded={isWhole}
      onClick={({ currentTarget }) => {
        setWhole(!isWhole);
        // the button goes up with the rows, and the page with it
        if (isWhole) currentTarget.closest("section")?.scrollIntoView({ block: "nearest" });
      }}
    >
      {isWhole ? "Show fewer" : `Show all ${formatCount(nValues)}`}
    </button>
  );
  return { nShown: isWhole ? nRows : nFirst, button };
}

interface PageRowsProps {
  readonly count: number;
  /** Height of a row, which is higher where fingers touch it. */
  readonly px: number;
  row(index: number): ReactNode;
}

export function PageRows({ count, px, row }: PageRowsProps) {
  const rowPx = useRowPx(px);
  return Array.from({ length: Math.ceil(count / BLOCK_ROWS) }, (_, i) => (
    <Block
      // biome-ignore lint/suspicious/noArrayIndexKey: blocks are their places
      key={i}
      first={i * BLOCK_ROWS}
      end={Math.min(count, (i + 1) * BLOCK_ROWS)}
      rowPx={rowPx}
      row={row}
    />
  ));
}

interface BlockProps extends Pick<PageRowsProps, "row"> {
  readonly first: number;
  readonly end: number;
  readonly rowPx: number;
}

function Block({ first, end, rowPx, row }: BlockProps) {
  const ref = useRef<HTMLDivElement>(null);
  const isInView = useInView(ref);
  // the first rows are few, and a search in the page has them
  const isDrawn = isInView || first === 0;
  return (
    <div ref={ref} role="presentation" style={{ height: (end - first) * rowPx }}>
      {isDrawn && Array.from({ length: end - first }, (_, i) => row(first + i))}
    </div>
  );
}

/** The element that an element scrolls in; null: the window, or not known yet. */
export function useScroller<T extends HTMLElement>(element: T | null): HTMLElement | null {
  const [scroller, setScroller] = useState<HTMLElement | null>(null);
  // the page that scrolls differs by width
  const width = usePageWidth();
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    let parent: HTMLElement | null = element;
    while (parent && !/auto|scroll/.test(getComputedStyle(parent).overflowY)) parent = parent.parentElement;
    setScroller(parent);
  }, [element, width]);
  return scroller;
}
