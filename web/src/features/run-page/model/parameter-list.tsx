/** The watched parameters of a run whose graph was not logged. */

import { useMemo, useState } from "react";
import type { WatchedParameter } from "@/data/metrics/model-metrics";
import { formatNoun } from "@/data/text/format";
import { CardSearch } from "@/ui/cards/card-search";
import { SideList } from "@/ui/parts/side-list";

interface ParameterListProps {
  readonly parameters: readonly WatchedParameter[];
  readonly chosen: string | null;
  onChoose(name: string): void;
}

export function ParameterList({ parameters, chosen, onChoose }: ParameterListProps) {
  const [search, setSearch] = useState("");
  const rows = useMemo(() => {
    const text = search.trim().toLowerCase();
    return parameters
      .filter(({ name }) => name.toLowerCase().includes(text))
      .map(({ name }) => ({ name, icon: "heat" as const }));
  }, [parameters, search]);
  return (
    <div className="part-side">
      <div className="part-head">
        <CardSearch
          label={`Search ${formatNoun(parameters.length, "parameter")}`}
          value={search}
          onChange={setSearch}
        />
      </div>
      <SideList label="Parameters" rows={rows} chosen={chosen} onChoose={onChoose} />
    </div>
  );
}
