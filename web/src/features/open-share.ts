/** The open dialog that shares a part of a project, and the runs that the workspace shows. */

import { useEffect } from "react";
import { create } from "zustand";
import type { ShareCreate } from "@/api/shares";
import type { ProjectRef } from "@/api/types";
import { useStable } from "@/ui/hooks/use-stable";

export interface OpenShare {
  readonly project: ProjectRef;
  /** The part; its name is a proposal. */
  readonly share: ShareCreate;
  /** Panels of a report, of which other sites may show one alone. */
  readonly panels?: readonly { readonly id: string; readonly title: string }[];
  /** The report has panels, and no stored figures: readers see its text. */
  readonly lacksFigures?: boolean;
}

interface ShareState {
  readonly open: OpenShare | null;
  /** Ids of the runs that the workspace draws; null on other pages. */
  readonly shown: readonly string[] | null;
  /** Share the page on screen, for the command palette; null: it cannot be shared. */
  readonly ofPage: PageShare | null;
}

interface PageShare {
  readonly label: string;
  open(): void;
}

export const useOpenShare = create<ShareState>(() => ({ open: null, shown: null, ofPage: null }));

export function openShare(open: OpenShare): void {
  useOpenShare.setState({ open });
}

/** Offers to share the page in the command palette while it is there. */
export function usePageShare(label: string, open: () => void, isOffered: boolean): void {
  const stable = useStable(open);
  useEffect(() => {
    if (!isOffered) return;
    useOpenShare.setState({ ofPage: { label, open: stable } });
    return () => useOpenShare.setState({ ofPage: null });
  }, [label, stable, isOffered]);
}
