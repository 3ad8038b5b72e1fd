/** A formula: LaTeX, set by Temml, which comes with the first formula. Until then its source stands there. */

import { lazy, Suspense } from "react";
import { type FormulaProps, FormulaSource } from "./formula-source";

const FormulaMath = lazy(() => import("./formula-math"));

export function Formula(props: FormulaProps) {
  return (
    <Suspense fallback={<FormulaSource {...props} />}>
      <FormulaMath {...props} />
    </Suspense>
  );
}
