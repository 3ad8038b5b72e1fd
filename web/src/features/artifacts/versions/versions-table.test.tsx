import { expect, it } from "vitest";
import { headsOf } from "./versions-table";

type Rows = Parameters<typeof headsOf>[1];

it("a version's numbers have room for all their digits, and its aliases to be told apart", () => {
  const rows = [
    { artifact: { aliases: ["latest", "step-10000"] }, values: new Map([["tokens", 301_989_888_000]]) },
  ] as unknown as Rows;
  const heads = headsOf([{ name: "tokens", isNumber: true, nVersions: 1, varies: true }], rows);
  const pxOf = (id: string) => heads.find((head) => head.id.endsWith(id))!.minPx;
  expect(pxOf("tokens")).toBeGreaterThan("301,989,888,000".length * 7 + 20);
  expect(pxOf("version")).toBeGreaterThan(180);
});
