import { useQuery } from "@tanstack/react-query";
import { serverQuery } from "@/api/projects";
import type { FilterTree } from "@/data/filter/tree";
import { Button } from "@/ui/controls/button";
import { useFilterParts } from "./use-filter";

/** Turns the filter for one's own runs on and off. On a server without accounts there is no such button. */
export function MineButton({ look }: { look?: "quiet" }) {
  const account = useQuery({ ...serverQuery, select: (server) => server.account }).data ?? null;
  const { has, toggle } = useFilterParts();
  if (account === null) return null;
  const ownRuns: FilterTree = { column: "user", op: "=", value: account };
  return (
    <Button
      look={look}
      isOn={has(ownRuns)}
      title={has(ownRuns) ? "List the runs of all" : "List your own runs"}
      onClick={() => toggle(ownRuns)}
    >
      Mine
    </Button>
  );
}
