/** Whether the page has a view that can be saved as a file, and the name of the one whose dialog is open. */

import { useEffect } from "react";
import { create } from "zustand";

interface ViewFileState {
  readonly isOffered: boolean;
  /** Null: no dialog is open. */
  readonly name: string | null;
}

export const useOpenViewFile = create<ViewFileState>(() => ({ isOffered: false, name: null }));

/** Offers the file in the menu of views while the page is there. */
export function useOfferViewFile(): void {
  useEffect(() => {
    useOpenViewFile.setState({ isOffered: true });
    return () => useOpenViewFile.setState({ isOffered: false, name: null });
  }, []);
}
