/** The part of a long list that a table shows, and the button for more. */

import { type ReactNode, useState } from "react";
import { formatCount } from "@/data/text/format";
import { Button } from "@/ui/controls/button";

/** Rows that a table begins with. */
const PAGE_ROWS = 50;
/** Rows that the button adds. */
const MORE_ROWS = 4 * PAGE_ROWS;

interface Pages<T> {
  readonly first: readonly T[];
  /** Below the table; null: all rows are in it. */
  readonly foot: ReactNode;
}

/** @param search what the list is narrowed by: another one begins with the first page */
export function usePages<T>(rows: readonly T[], search = ""): Pages<T> {
  const { n, more } = usePageSize(search);
  const foot = rows.length > n ? <TableFoot n={n} nAll={rows.length} onMore={more} /> : null;
  return { first: rows.slice(0, n), foot };
}

/** The number of rows that a table shows, and the step to more. */
export function usePageSize(search: string): { readonly n: number; more(): void } {
  const [added, setAdded] = useState({ search, n: 0 });
  const nAdded = added.search === search ? added.n : 0;
  return { n: PAGE_ROWS + nAdded, more: () => setAdded({ search, n: nAdded + MORE_ROWS }) };
}

/** Below a table with `n` of `nAll` rows; nothing if that is all of them. */
export function TableFoot({ n, nAll, onMore }: { n: number; nAll: number; onMore(): void }) {
  if (n >= nAll) return null;
  return (
    <div className="row foot table-foot">
      <span className="meta tn">
        {formatCount(n)} of {formatCount(nAll)}
      </span>
      <Button isSmall onClick={onMore}>
        Show more
      </Button>
    </div>
  );
}
