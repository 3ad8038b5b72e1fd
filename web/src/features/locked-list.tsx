/** Locked runs and versions by name, for questions before a deletion. */

import type { LockedThing } from "@/api/runs/run-rows";
import { formatCount } from "@/data/text/format";
import { Icon } from "@/ui/signs/icons";

interface LockedListProps {
  readonly things: readonly LockedThing[];
  /** The number of all; `things` are the first of them. */
  readonly n: number;
}

export function LockedList({ things, n }: LockedListProps) {
  return (
    <ul className="locked-list" aria-label="Locked">
      {things.map(({ name, user }) => (
        <li key={name} className="row">
          <Icon name="lock" isSmall />
          <b className="ell">{name}</b>
          <span className="meta">locked by {user}</span>
        </li>
      ))}
      {n > things.length && <li className="meta">and {formatCount(n - things.length)} more</li>}
    </ul>
  );
}
