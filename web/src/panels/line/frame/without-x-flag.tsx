import type { MissingSeries } from "@/data/curves/columns";
import { formatNoun } from "@/data/text/format";
import { lackX } from "../curves/without-x";
import ReasonFlag from "./reason-flag";

/** Reasons in the hint. */
const MOST_REASONS = 4;

/** The flag of runs that are left out: `5 runs without x`, `2 runs left out`. */
export default function WithoutXFlag({ missing }: { missing: readonly MissingSeries[] }) {
  const n = new Set(missing.map(({ run }) => run)).size;
  const reasons = [...new Set(missing.map(({ reason }) => reason))].slice(0, MOST_REASONS);
  const text = `${formatNoun(n, "run")} ${lackX(missing) ? "without x" : "left out"}`;
  return <ReasonFlag look="neu" text={text} label="Not drawn" reasons={reasons} />;
}
