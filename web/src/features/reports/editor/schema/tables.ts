/** Tables whose cells hold blocks. */

import { Table, TableCell, TableHeader, TableRow } from "@tiptap/extension-table";

const CELL = { content: "flow*" } as const;

export const TABLES = [
  Table.extend({ group: "flow", content: "tableRow*" }).configure({
    resizable: true,
    cellMinWidth: 60,
    allowTableNodeSelection: true,
  }),
  TableRow,
  TableCell.extend(CELL),
  TableHeader.extend(CELL),
];

/** A new table with a row of heads, as JSON of the editor. */
export function tableOf(texts: readonly (readonly string[])[]) {
  const nColumns = Math.max(...texts.map((row) => row.length));
  return {
    type: "table",
    content: texts.map((row, i) => ({
      type: "tableRow",
      content: Array.from({ length: nColumns }, (_, j) => ({
        type: i === 0 ? "tableHeader" : "tableCell",
        content: [{ type: "paragraph", ...(row[j] && { content: [{ type: "text", text: row[j] }] }) }],
      })),
    })),
  };
}
