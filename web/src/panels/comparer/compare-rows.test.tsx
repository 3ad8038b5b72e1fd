import { fireEvent, screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import type { CompareRow } from "@/data/compare/compare-runs";
import { formatExact, formatMoment } from "@/data/text/format";
import { renderControl } from "@/testing/render";
import { CompareLine } from "./compare-rows";
import type { ComparedColumn } from "./use-compared-runs";

const THIS_YEAR = new Date().getFullYear();
const micros = (...at: [number, number, number, number, number, number]) => new Date(...at).getTime() * 1000;

test("a time tells its second, and its year where that is another one", () => {
  const now = new Date(2026, 10, 29);
  expect(formatMoment(micros(2026, 2, 4, 15, 6, 7), now)).toMatch(/15:06:07/);
  expect(formatMoment(micros(2026, 2, 4, 15, 6, 7), now)).not.toContain("2026");
  expect(formatMoment(micros(2025, 2, 4, 15, 6, 7), now)).toContain("2025");
});

test("runs compared tell when they were created in little room, and with time zone in the tooltip", () => {
  const values = [micros(THIS_YEAR, 2, 4, 15, 6, 7), micros(THIS_YEAR - 1, 2, 4, 15, 6, 8)];
  const row = { section: "run", key: "created", aggregate: null, values, differs: true, goal: null };
  renderControl(<CompareLine columns={[]} row={row as CompareRow} index={0} nKeyLines={null} style={{}} />);
  const cells = screen.getAllByRole("cell");
  expect(cells.map(({ textContent }) => textContent)).toEqual(values.map((value) => formatMoment(value)));
  expect(cells.map(({ title }) => title)).toEqual(values.map(formatExact));
});

test("runs compared tell thousandths of a second where they were created in the same one", () => {
  const second = micros(THIS_YEAR, 2, 4, 15, 6, 7);
  const values = [second + 130_268, second + 984_000];
  const row = { section: "run", key: "created", aggregate: null, values, differs: true, goal: null };
  renderControl(<CompareLine columns={[]} row={row as CompareRow} index={0} nKeyLines={null} style={{}} />);
  const texts = screen.getAllByRole("cell").map(({ textContent }) => textContent);
  expect(texts).toEqual([expect.stringContaining("07.130"), expect.stringContaining("07.984")]);
});

test("long values show where they differ, and whole by a click", async () => {
  const values = [0.7, 0.5].map((weight) => [
    { name: "c4", weight },
    { name: "code", weight: 0.2 },
  ]);
  const row = { section: "config", key: "data.mixture", aggregate: null, values, differs: true, goal: null };
  const columns = ["one", "two"].map((name) => ({ run: { id: name, name, color: 1 } }));
  renderControl(
    <CompareLine
      columns={columns as unknown as ComparedColumn[]}
      row={row as unknown as CompareRow}
      index={0}
      nKeyLines={null}
      style={{}}
    />,
  );
  const cells = screen.getAllByRole("cell");
  expect(cells.map(({ textContent }) => textContent?.slice(0, 4))).toEqual(["…0.7", "…0.5"]);
  fireEvent.click(within(cells[1]!).getByRole("button"));
  const whole = await screen.findAllByRole("definition", { hidden: true });
  expect(whole.map(({ textContent }) => textContent)).toEqual(
    [0.7, 0.5].map((weight) => `[{"name": "c4", "weight": ${weight}}, {"name": "code", "weight": 0.2}]`),
  );
});
