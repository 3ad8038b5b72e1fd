/** The LaTeX of a formula: while Temml is loaded, and of a faulty one, with the reason. */

import "./formula.css";

export interface FormulaProps {
  readonly latex: string;
  /** In a line of its own instead of within a text. */
  readonly isBlock?: boolean;
}

export function FormulaSource({ latex, isBlock, fault }: FormulaProps & { readonly fault?: string }) {
  const looks = ["formula", "source", isBlock && "block", fault && "fault"];
  return (
    <code className={looks.filter(Boolean).join(" ")} title={fault && `Not shown as a formula: ${fault}`}>
      {latex}
    </code>
  );
}
