import { expect, test } from "vitest";
import { tableOptions, withJoin } from "./options";

const JOIN = { run: "b", step: null, on: "id" };
const NAMES = ["id", "score", "kind"];
const OPTIONS = tableOptions({
  options: {
    sort: { column: "score", descending: true },
    filters: [{ column: "kind", op: "contains", value: "FM" }],
    hidden: ["id"],
    widths: { score: 80 },
    computed: [{ name: "twice", expression: "2 * score" }],
    plot: { mark: "scatter", x: "score", y: "twice" },
  },
}).rows;

test("order, conditions, widths, plot and hidden columns stay when a table is joined and when the join ends", () => {
  const joined = withJoin(OPTIONS, JOIN, NAMES);
  expect(joined).toEqual({
    join: JOIN,
    sort: { column: "0.score", descending: true },
    filters: [{ column: "0.kind", op: "contains", value: "FM" }],
    group: null,
    hidden: ["0.id"],
    widths: { "0.score": 80 },
    plot: { mark: "scatter", x: "0.score", y: "twice", color: null },
  });
  const { sort, filters, hidden, widths, plot } = OPTIONS;
  expect(withJoin({ ...OPTIONS, ...joined }, null, NAMES)).toEqual({
    ...{ join: null, sort, filters, group: null, hidden, widths, plot },
  });
});

test("another run of the join changes nothing else, and what is set for its columns ends with the join", () => {
  const sort = { column: "1.score", descending: false };
  const filters = [
    { column: "1.kind", op: "empty" as const },
    { column: "0.kind", op: "empty" as const },
  ];
  const joined = { ...OPTIONS, join: JOIN, sort, filters };
  expect(withJoin(joined, { ...JOIN, run: "c" }, NAMES)).toEqual({ join: { ...JOIN, run: "c" } });
  const alone = withJoin(joined, null, NAMES);
  expect(alone).toMatchObject({ sort: null, filters: [{ column: "kind", op: "empty" }] });
});
