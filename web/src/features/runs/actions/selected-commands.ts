/**
 * Commands on the selected runs, for the command palette: the bar of selected runs offers them while it is on screen.
 */

import { useEffect } from "react";
import { create } from "zustand";
import type { IconName } from "@/ui/signs/icons";

export interface SelectedCommand {
  readonly id: string;
  readonly icon: IconName;
  readonly label: string;
  run(): void;
}

interface SelectedCommands {
  readonly nRuns: number;
  readonly commands: readonly SelectedCommand[];
}

const NONE: SelectedCommands = { nRuns: 0, commands: [] };

export const useSelectedCommands = create<SelectedCommands>(() => NONE);

/** Offer the commands as long as the component is there. */
export function useOfferCommands(nRuns: number, commands: readonly SelectedCommand[]): void {
  useEffect(() => useSelectedCommands.setState({ nRuns, commands }));
  useEffect(() => () => useSelectedCommands.setState(NONE), []);
}
