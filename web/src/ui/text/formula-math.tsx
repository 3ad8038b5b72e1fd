/** LaTeX as MathML, which browsers set; faulty LaTeX as its source. */

import { useLayoutEffect, useMemo, useRef } from "react";
import temml from "temml";
import { type FormulaProps, FormulaSource } from "./formula-source";
import "temml/dist/Temml-Local.css";
import "./formula-math.css";

export default function FormulaMath({ latex, isBlock = false }: FormulaProps) {
  const area = useRef<HTMLSpanElement>(null);
  const math = useMemo(() => mathOf(latex, isBlock), [latex, isBlock]);
  useLayoutEffect(() => {
    if (typeof math !== "string") area.current?.replaceChildren(math);
  }, [math]);
  if (typeof math === "string") return <FormulaSource latex={latex} isBlock={isBlock} fault={math} />;
  return <span className={`formula ${isBlock ? "block" : ""}`} ref={area} />;
}

/** The formula as an element, or the reason for its fault. */
function mathOf(latex: string, isBlock: boolean): Node | string {
  const area = document.createElement("span");
  try {
    temml.render(latex, area, { ...OPTIONS, displayMode: isBlock });
  } catch (error) {
    // the lines below the first repeat the source
    return error instanceof Error ? error.message.trim().replace(/:?\s*\n[\s\S]*/, "") : String(error);
  }
  return area.firstChild ?? "it is empty";
}

/** No formula opens an address, expands without end or is larger than a page. */
const OPTIONS = {
  throwOnError: true,
  annotate: true,
  trust: false,
  maxExpand: 1000,
  maxSize: [20, 1000],
} satisfies Options;

type Options = Parameters<typeof temml.render>[2];
