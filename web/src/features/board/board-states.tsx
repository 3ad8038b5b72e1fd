/** The scrolled area of panels, and its contents while it has no panel. */

import { type ReactNode, useEffect, useState } from "react";
import { ScrollRoot } from "@/panels/frame/use-in-view";
import { keepScroll } from "@/ui/browser/kept-scroll";
import "./board.css";

/** The area that panels scroll in, known to them for telling what is in view. */
export function PanelScroll({ children }: { children: ReactNode }) {
  const [root, setRoot] = useState<HTMLElement | null>(null);
  useEffect(() => (root ? keepScroll(root, "panels") : undefined), [root]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard
    <div className="scroll" ref={setRoot} tabIndex={0} role="group" aria-label="Panels, scrolled">
      {root && <ScrollRoot value={root}>{children}</ScrollRoot>}
    </div>
  );
}

export function NoMetrics() {
  return (
    <div className="say" style={{ paddingTop: 96 }}>
      <b>Nothing logged yet</b>
      <span>
        The first chart appears with the first number given to <span className="mono">run.log()</span>.
      </span>
    </div>
  );
}

export function LoadingPanels() {
  return (
    <div className="late" role="status" aria-label="Loading panels">
      <div className="sech">
        <span className="sk" style={{ width: 72, height: 10, marginLeft: 24 }} />
      </div>
      <div className="grid">
        {Array.from({ length: 6 }, (_, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: six equal placeholders
          <div className="panel" key={i}>
            <div className="ph">
              <span className="sk" style={{ width: 84, height: 10 }} />
            </div>
            <div className="wait">
              <div />
              <span className="sk" />
            </div>
          </div>
        ))}
      </div>
    </div>
  );
}
