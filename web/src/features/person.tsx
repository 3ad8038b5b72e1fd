/** A user as pages show them: picture or initials, and the name. */

import { useQuery } from "@tanstack/react-query";
import { create } from "zustand";
import { pictureUrl } from "@/api/people/account";
import { serverQuery } from "@/api/projects";
import { Avatar } from "@/ui/signs/avatar";
import "./person.css";

interface PersonProps {
  readonly user: string;
  readonly displayName?: string | null;
  readonly size?: "sm" | "md" | "lg";
  /** Grey, after the name: "you". */
  readonly note?: string | null;
}

export function Person({ user, displayName, size, note }: PersonProps) {
  return (
    <span className="row person" title={displayName ? user : undefined}>
      <PersonAvatar user={user} displayName={displayName} size={size} />
      <span className="ell" dir="auto">
        {displayName || user}
      </span>
      {note && <span className="meta">{note}</span>}
    </span>
  );
}

/** How often pictures were changed here: images of one address are read once, unless their fragment differs. */
const usePictureChanges = create<number>(() => 0);

/** Have the pictures on the page read again. */
export function notePictureChange(): void {
  usePictureChanges.setState((n) => n + 1, true);
}

/** Whether the person at the browser has an account; false while that is not known. */
export function useHasAccounts(): boolean {
  return useQuery({ ...serverQuery, select: (server) => server.account !== null }).data ?? false;
}

/** The picture alone. On a server without accounts, no picture is requested. */
export function PersonAvatar({ user, displayName, size }: Omit<PersonProps, "note">) {
  const hasAccounts = useHasAccounts();
  const nChanges = usePictureChanges();
  return (
    <Avatar
      name={user}
      displayName={displayName}
      picture={hasAccounts ? `${pictureUrl(user)}#${nChanges}` : null}
      size={size}
    />
  );
}
