import { afterEach, expect, test, vi } from "vitest";
import type { Figure, FigureAnswer } from "@/data/report/figure";
import { readJson } from "../client";
import { metricNamesPath } from "../runs/run-requests";
import { rowsQuery } from "../runs/run-rows";
import { FigureRecorder, figureSource, sourcedClient } from "./figures";

const PROJECT = { entity: "me", project: "vision" };
const ROWS = { filter: "state = finished", search: "", isRegex: false, order: [], columns: ["heartbeat"] };

function answerOf(path: string, body: object | null, content: object, status = 200): FigureAnswer {
  return {
    method: body ? "POST" : "GET",
    path,
    body: body as Record<string, unknown> | null,
    status,
    type: "application/json",
    content: new TextEncoder().encode(JSON.stringify(content)),
  };
}

function figureOf(...answers: readonly FigureAnswer[]): Figure {
  return { capturedMicros: 1, answers, runSets: new Map() };
}

const TABLE = {
  rows: [{ id: "a", name: "calm", state: "finished", color: 1, values: [5, []] }],
  cursor: null,
  total: 1,
};
const LISTED = answerOf(
  "runs/query",
  { limit: 10, columns: ["heartbeat", "tags"], filter: "state = finished" },
  TABLE,
);

afterEach(() => vi.unstubAllGlobals());

test("queries of a client are answered from its figure, and from nothing else", async () => {
  const fetched = vi.fn();
  vi.stubGlobal("fetch", fetched);
  const gone = answerOf("runs/zz", null, { code: "not_found", detail: "no run" }, 404);
  const client = sourcedClient(figureSource(PROJECT, figureOf(LISTED, gone)));
  const page = await client.fetchQuery(rowsQuery(PROJECT, ROWS, null, 0, 10));
  expect(page.rows.map(({ name, values }) => [name, values.heartbeat])).toEqual([["calm", 5]]);
  const read = (path: string) => client.fetchQuery({ queryKey: [path], queryFn: readJson(path) });
  await expect(read("/projects/me/vision/runs/zz")).rejects.toMatchObject({ status: 404, code: "not_found" });
  await expect(read("/projects/me/vision/metrics")).rejects.toMatchObject({ code: "not_stored" });
  await expect(read("/projects/you/other/runs/zz")).rejects.toMatchObject({ code: "not_stored" });
  expect(fetched).not.toHaveBeenCalled();
});

test("a recorder notes what is asked, and whether the stored lists have the same runs", async () => {
  vi.stubGlobal("fetch", async () => Response.json(TABLE));
  const recorder = new FigureRecorder(PROJECT);
  const client = sourcedClient(recorder.source);
  await client.fetchQuery(rowsQuery(PROJECT, ROWS, null, 0, 10));
  const names = `${metricNamesPath(PROJECT, ["a"])}&seen_micros=3`;
  await client.fetchQuery({ queryKey: ["names"], queryFn: readJson(names) });
  expect(recorder.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
    "POST runs/query",
    "GET metrics/names?runs=a",
  ]);
  expect(recorder.hasSameRuns(figureOf(LISTED))).toBe(true);
  const other = answerOf("runs/query", LISTED.body as object, { ...TABLE, rows: [] });
  expect(recorder.hasSameRuns(figureOf(other))).toBe(false);
});
