/** The content of windows at buttons: mounted when they are first opened, as most never are. */

import { useEffect, useState } from "react";

/** Commits until Mantine's portal and transition are mounted. */
const MOUNT_COMMITS = 2;

interface FirstOpen {
  /** The content is mounted. */
  readonly isMounted: boolean;
  /** It is open. At first its content is mounted closed: only so does Mantine note where the focus was. */
  readonly isOpened: boolean;
}

export function useFirstOpen(isOpen: boolean): FirstOpen {
  const [nCommits, setCommits] = useState(0);
  useEffect(() => {
    if (isOpen && nCommits < MOUNT_COMMITS) setCommits(nCommits + 1);
  }, [isOpen, nCommits]);
  return { isMounted: isOpen || nCommits > 0, isOpened: isOpen && nCommits === MOUNT_COMMITS };
}
