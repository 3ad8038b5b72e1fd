import { formatOf } from "../table/cell-format";

/** By the numbers of a column as they are typed: as the table has them, unless others would read the same. */
export function numberLabels(column: string, values: readonly unknown[]): ReadonlyMap<string, string> {
  const numbers = values.filter((value) => typeof value === "number");
  const extent = { min: Math.min(...numbers), max: Math.max(...numbers) };
  const isWhole = numbers.every(Number.isInteger);
  const format = formatOf(column, undefined, numbers.length > 0 ? { ...extent, isWhole } : undefined);
  const texts = numbers.map((number) => format(number).text);
  return new Map(
    numbers.flatMap((number, i) =>
      texts.indexOf(texts[i]!) === texts.lastIndexOf(texts[i]!) ? [[String(number), texts[i]!] as const] : [],
    ),
  );
}
