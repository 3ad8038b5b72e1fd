/** Titles and units of panels of system metrics, which are read when the first one is in view. */

import { useEffect, useMemo, useState } from "react";
import { SYSTEM_SECTION } from "@/data/metrics/sections";
import { autoHomeOf, type Panel } from "@/data/view/panel";

type SystemPanels = typeof import("@/data/metrics/system-panels");

let loaded: SystemPanels | null = null;

/** The panel with its title and unit if it is of a system metric, else itself; null: they are not here yet. */
export function useSystemPanel(panel: Panel | null): Panel | null {
  const [module, setModule] = useState(loaded);
  const isSystem = panel !== null && autoHomeOf(panel.id) === SYSTEM_SECTION;
  useEffect(() => {
    if (!isSystem || module) return;
    void import("@/data/metrics/system-panels").then((file) => {
      loaded = file;
      setModule(file);
    });
  }, [isSystem, module]);
  return useMemo(() => {
    if (!isSystem) return panel;
    return module?.namedSystemPanel(panel) ?? null;
  }, [isSystem, module, panel]);
}
