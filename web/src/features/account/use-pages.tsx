/**
 * The part of a long list that a table shows, and the button for more.
 */

import { type ReactNode, useState } from "react";
import { formatCount } from "@/data/text/format";
import { Button } from "@/ui/controls/button";

/** Rows that a table begins with, and that the button adds. */
const PAGE_ROWS = 50;

interface Pages<T> {
  readonly first: readonly T[];
  /** Below the table; null: all rows are in it. */
  readonly foot: ReactNode;
}

/** @param search what the list is narrowed by: another one begins with the first page */
export function usePages<T>(rows: readonly T[], search = ""): Pages<T> {
  const [more, setMore] = useState({ search, n: 0 });
  const n = PAGE_ROWS + (more.search === search ? more.n : 0);
  const foot = rows.length > n && (
    <div className="row foot table-foot">
      <span className="meta tn">
        {formatCount(n)} of {formatCount(rows.length)}
      </span>
      <Button isSmall onClick={() => setMore({ search, n: n - PAGE_ROWS + 4 * PAGE_ROWS })}>
        Show more
      </Button>
    </div>
  );
  return { first: rows.slice(0, n), foot: foot || null };
}
