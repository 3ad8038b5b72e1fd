/** The rows of a table that are in view, asked for in pieces. */

import { useQueries } from "@tanstack/react-query";
import { type TableWindow, tableQuery } from "@/api/files/tables";
import type { ProjectRef, Schemas } from "@/api/types";
import { piecesOf, type RowWindow } from "./row-window";

export const PIECE_ROWS = 200;

export type TableRequest = Pick<
  Schemas["TableQuery"],
  "sort" | "search" | "filters" | "group" | "join" | "computed"
> & {
  /** Tables of several runs, in place of one. */
  readonly union?: readonly Schemas["UnitedTable"][];
  readonly minus?: Schemas["VersionTable"];
  readonly run: string;
  /** `name:v3` instead of a run. */
  readonly artifact?: string;
  readonly path?: string;
};

/** By the number of a row in the order: its piece, and its place in that; undefined while it is on its way. */
export function usePieces(
  project: ProjectRef,
  hash: string,
  request: TableRequest,
  rows: RowWindow,
): { readonly at: (row: number) => readonly [TableWindow, number] | null; readonly error: Error | null } {
  const numbers = piecesOf(rows, PIECE_ROWS);
  const pieces = useQueries({
    queries: numbers.map((piece) =>
      tableQuery(project, hash, { ...request, offset: piece * PIECE_ROWS, limit: PIECE_ROWS }),
    ),
  });
  return {
    at: (row) => {
      const piece = Math.floor(row / PIECE_ROWS);
      const data = pieces[piece - (numbers[0] ?? 0)]?.data;
      const index = row - piece * PIECE_ROWS;
      return data?.rows[index] ? [data, index] : null;
    },
    error: pieces.find(({ error }) => error)?.error ?? null,
  };
}
