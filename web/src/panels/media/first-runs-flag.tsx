/** Says that a panel asks for fewer runs than are shown. */

import { formatCount, formatNoun } from "@/data/text/format";

export function FirstRunsFlag({ nAsked, nShown }: { nAsked: number; nShown: number }) {
  if (nAsked >= nShown) return null;
  return (
    <span className="flag neu" title="Hide some runs in the list, or give the panel runs of its own">
      first {formatCount(nAsked)} of {formatNoun(nShown, "run")}
    </span>
  );
}
