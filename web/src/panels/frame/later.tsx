/**
 * Panels whose code comes when they are first drawn.
 *
 * Without `lazy`: React holds back what follows the fallback of a Suspense until 300 ms after the last one that it
 * showed, and the code of a panel is there after 10.
 */

import { type ComponentType, useEffect, useState } from "react";
import type { PanelProps } from "../panel-props";

type PanelComponent = ComponentType<PanelProps>;

export function laterPanel(load: () => Promise<PanelComponent>): PanelComponent {
  let loaded: PanelComponent | null = null;
  return function LaterPanel(props: PanelProps) {
    const [Panel, setPanel] = useState(() => loaded);
    const [fault, setFault] = useState<{ readonly error: unknown } | null>(null);
    useEffect(() => {
      if (Panel) return;
      let isWanted = true;
      load().then(
        (component) => {
          loaded = component;
          if (isWanted) setPanel(() => component);
        },
        (error: unknown) => isWanted && setFault({ error }),
      );
      return () => {
        isWanted = false;
      };
    }, [Panel]);
    // to the boundary that offers to load the page again
    if (fault) throw fault.error;
    return Panel ? <Panel {...props} /> : <div className="panel" />;
  };
}
