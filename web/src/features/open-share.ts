/**
 * The open dialog that shares a part of a project, and the runs that the workspace shows.
 */

import { create } from "zustand";
import type { ShareCreate } from "@/api/shares";
import type { ProjectRef } from "@/api/types";

export interface OpenShare {
  readonly project: ProjectRef;
  /** The part; its name is a proposal. */
  readonly share: ShareCreate;
}

interface ShareState {
  readonly open: OpenShare | null;
  /** Ids of the runs that the workspace draws; null on other pages. */
  readonly shown: readonly string[] | null;
}

export const useOpenShare = create<ShareState>(() => ({ open: null, shown: null }));

export function openShare(open: OpenShare): void {
  useOpenShare.setState({ open });
}
