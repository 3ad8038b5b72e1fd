/** The columns that things in the trash share: when they were deleted, how long they stay, their size. */

import { formatBytes, formatDay, formatExact } from "@/data/text/format";
import { Button } from "@/ui/controls/button";
import { Ago } from "@/ui/text/ago";

interface DeletedProps {
  readonly trashed_micros: number;
  /** Null: until the trash is emptied. */
  readonly purge_micros: number | null;
  /** Absent where it is not worth a column. */
  readonly n_bytes?: number;
}

export function DeletedHeads({ hasSize = true }) {
  return (
    <>
      <th className="deleted">Deleted</th>
      <th className="kept">Kept until</th>
      {hasSize && <th className="number size">Size</th>}
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
        <td className="t2 kept">you empty it</td>
      ) : (
        <td className="t2 tn kept" title={formatExact(purge_micros)}>
          {formatDay(purge_micros)}
        </td>
      )}
      {n_bytes !== undefined && <td className="number">{formatBytes(n_bytes)}</td>}
    </>
  );
}

interface DeletedActsProps {
  readonly name: string;
  readonly isBusy: boolean;
  onRestore(): void;
  onDelete(): void;
}

export function DeletedActs({ name, isBusy, onRestore, onDelete }: DeletedActsProps) {
  return (
    <>
      <Button isSmall disabled={isBusy} aria-label={`Restore ${name}`} onClick={onRestore}>
        Restore
      </Button>
      <Button look="danger" isSmall disabled={isBusy} aria-label={`Delete now: ${name}`} onClick={onDelete}>
        Delete now
      </Button>
    </>
  );
}
