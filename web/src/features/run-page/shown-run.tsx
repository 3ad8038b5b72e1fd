/** The run that the page shows, for its tabs. */

import { createContext, useContext } from "react";
import type { ProjectRef, Run } from "@/api/types";

export interface ShownRun {
  readonly project: ProjectRef;
  readonly run: Run;
}

export const ShownRunContext = createContext<ShownRun | null>(null);

export function useShownRun(): ShownRun {
  const shown = useContext(ShownRunContext);
  if (!shown) throw new Error("a run's tabs need the run's page around them");
  return shown;
}
