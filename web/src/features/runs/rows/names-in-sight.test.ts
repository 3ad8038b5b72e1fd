import { expect, it } from "vitest";
import type { RunRow } from "@/api/runs/run-rows";
import type { Runs } from "../use-runs";
import { namesInSight } from "./names-in-sight";

const run = (id: string, name: string) => ({ id, name }) as RunRow;

/** A list of runs, or of groups of them, with these in its rows. */
function list(rows: readonly (RunRow | string)[], firstPage: readonly RunRow[] = []): Runs {
  const rowAt = (i: number) => {
    const row = rows[i];
    if (row === undefined) return null;
    return typeof row === "string" ? { kind: "group", group: { values: [row] } } : { kind: "run", run: row };
  };
  return { firstPage, rowAt, runAt: (row: { run: RunRow }) => row.run } as unknown as Runs;
}

it("tells runs of the same name apart by their ids, in the list as in charts next to it", () => {
  const [a, b, c] = [run("a", "train"), run("b", "train"), run("c", "eval")];
  const names = namesInSight(list([a, b, c], [a, b, c]), { first: 2, end: 3 });
  expect(names.texts).toEqual(["train (a)", "train (b)", "eval"]);
  expect([a, b, c].map(names.nameOf)).toEqual(names.texts);
  // the other one is out of sight, and drawn
  const drawn = namesInSight(list(["adam", a]), { first: 0, end: 2 }, [b]);
  expect(drawn.texts).toEqual(["adam", "train (a)"]);
  expect(namesInSight(list(["adam", a]), { first: 0, end: 2 }, [a]).nameOf(a)).toBe("train");
});
