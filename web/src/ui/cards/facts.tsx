import type { ReactNode } from "react";
import "./cards.css";

export function Facts({ children }: { children: ReactNode }) {
  return <dl className="facts">{children}</dl>;
}

interface FactProps {
  readonly name: string;
  readonly isMono?: boolean;
  /** Whole on hover, where it may be cut. */
  readonly title?: string;
  readonly children: ReactNode;
}

export function Fact({ name, isMono, title, children }: FactProps) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className={`ell ${isMono ? "mono" : ""}`} title={title}>
        {children}
      </dd>
    </div>
  );
}
