/** The form of an object's fields, and what its fields share. */

import type { ReactNode } from "react";
import type { Members } from "../members";
import { isSafeLink } from "../schema/marks";

export interface FieldsProps {
  /** Of the object. */
  readonly id: string;
  readonly members: Members;
  onChange(part: Members): void;
  /** Closes the window. */
  onEnd(): void;
}

export function textIn(members: Members, name: string): string {
  const value = members[name];
  return typeof value === "string" ? value : "";
}

/** Fields whose changes are in the report at once; Enter closes them. */
export function FieldsForm({ onEnd, children }: { onEnd(): void; children: ReactNode }) {
  return (
    <form
      className="object-fields"
      onSubmit={(event) => {
        event.preventDefault();
        onEnd();
      }}
    >
      {children}
      <button type="submit" className="btn sm">
        Done
      </button>
    </form>
  );
}

export function urlError(url: string): string | null {
  return url === "" || isSafeLink(url) ? null : "Begin with https://, or with / for a file of this server";
}
