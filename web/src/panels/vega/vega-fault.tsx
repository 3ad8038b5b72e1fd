import type { ReactNode } from "react";
import { Icon } from "@/ui/signs/icons";

/**
 * Says why Vega-Lite does not draw a specification.
 *
 * @param children what a person can do about it
 */
export function VegaFault({ fault, children }: { fault: string; children?: ReactNode }) {
  return (
    <div className="say" role="alert">
      <Icon name="warn" />
      <b>Vega-Lite cannot draw this</b>
      <span className="mono">{fault}</span>
      {children}
    </div>
  );
}
