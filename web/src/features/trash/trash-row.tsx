/**
 * The columns that runs and projects in the trash share: when they were deleted, how long they stay, their size.
 */

import { formatBytes, formatDay, formatExact } from "@/data/text/format";
import { Ago } from "@/ui/text/ago";

interface DeletedProps {
  readonly trashed_micros: number;
  /** Null: until the trash is emptied. */
  readonly purge_micros: number | null;
  readonly n_bytes: number;
}

export function DeletedHeads() {
  return (
    <>
      <th className="deleted">Deleted</th>
      <th className="kept">Kept until</th>
      <th className="number size">Size</th>
      <th className="acts">
        <span className="sr">Actions</span>
      </th>
    </>
  );
}

export function DeletedCells({ trashed_micros, purge_micros, n_bytes }: DeletedProps) {
  return (
    <>
      <td className="t2">
        <Ago micros={trashed_micros} suffix=" ago" />
      </td>
      {purge_micros === null ? (
        <td className="t2">you empty it</td>
      ) : (
        <td className="t2 tn" title={formatExact(purge_micros)}>
          {formatDay(purge_micros)}
        </td>
      )}
      <td className="number">{formatBytes(n_bytes)}</td>
    </>
  );
}
