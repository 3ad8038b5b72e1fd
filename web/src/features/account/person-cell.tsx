/**
 * A person in a table: picture and name, and what else tells them from others. On a phone that has a line of its own.
 */

import type { ReactNode } from "react";
import { Person } from "../person";

interface PersonCellProps {
  readonly user: string;
  readonly displayName: string | null;
  readonly isYou: boolean;
  /** Flags. */
  readonly children?: ReactNode;
}

export function PersonCell({ user, displayName, isYou, children }: PersonCellProps) {
  return (
    <span className="person-cell">
      <Person user={user} displayName={displayName} note={isYou ? "you" : null} />
      <span className="row more">
        {displayName && <span className="mono meta ell phone-only">{user}</span>}
        {children}
      </span>
    </span>
  );
}
