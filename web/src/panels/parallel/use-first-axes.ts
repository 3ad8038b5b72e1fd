/** The parameters that parallel coordinates begin with: of those that runs have together, the ones that go with the result most. */

import { queryOptions, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Column } from "@/api/runs/columns";
import { orderByCorrelation } from "@/data/statistics/correlation-order";
import { readNumericTexts } from "@/data/statistics/numeric-texts";
import { axisChoice } from "@/data/table/varied-parameters";
import { runRowsQuery } from "../over-runs/use-run-rows";
import type { PanelProps, PanelSet } from "../panel-props";

/** So many parameters are compared in so many of the newest runs: more would cost more than they tell. */
const MOST_COMPARED = 40;
const MOST_RUNS = 300;

/** @returns null while they are not known */
export function useFirstAxes(
  set: PanelSet & Pick<PanelProps, "panel">,
  parameters: readonly Column[] | null,
  result: string | null,
  isOn: boolean,
): readonly string[] | null {
  const choice = useMemo(() => parameters && axisChoice(parameters), [parameters]);
  const isChosen = isOn && choice !== null && result !== null && choice.columns.length > choice.nAxes;
  const compared = choice?.columns.slice(0, MOST_COMPARED) ?? [];
  const { data: ordered, isPending } = useQuery({
    ...orderQuery(set, compared, result ?? ""),
    enabled: isChosen,
  });
  return useMemo(() => {
    if (!choice || (isChosen && isPending)) return null;
    return (ordered ?? choice.columns).slice(0, choice.nAxes);
  }, [choice, isChosen, isPending, ordered]);
}

/** Asked for once by panel: axes that change places while runs go on, or while their list is filtered, are hard to read. */
function orderQuery(set: PanelSet & Pick<PanelProps, "panel">, columns: readonly string[], result: string) {
  const { entity, project } = set.project;
  return queryOptions({
    queryKey: ["first axes", entity, project, set.panel.id, result, columns] as const,
    queryFn: async ({ client }): Promise<readonly string[] | null> => {
      const page = await client.fetchQuery(runRowsQuery(set, [...columns, result], "listed", MOST_RUNS));
      const { rows } = readNumericTexts(page.rows, columns);
      const parameters = columns.map((column) => ({
        column,
        values: rows.map(({ values }) => values[column] ?? null),
      }));
      return orderByCorrelation(
        parameters,
        rows.map(({ values }) => values[result]),
      );
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
  });
}
