import { afterEach, expect, test, vi } from "vitest";
import type { Figure, FigureAnswer } from "@/data/report/figure";
import { readJson } from "../client";
import { metricNamesPath } from "../runs/run-requests";
import { rowsQuery } from "../runs/run-rows";
import { FigureRecorder, figureSource, sourcedClient } from "./figures";

const PROJECT = { entity: "me", project: "vision" };
const OTHER = { entity: "lab", project: "speech" };
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
  const client = sourcedClient(figureSource([{ project: PROJECT, figure: figureOf(LISTED, gone) }]));
  const page = await client.fetchQuery(rowsQuery(PROJECT, ROWS, null, 0, 10));
  expect(page.rows.map(({ name, values }) => [name, values.heartbeat])).toEqual([["calm", 5]]);
  const read = (path: string) => client.fetchQuery({ queryKey: [path], queryFn: readJson(path) });
  await expect(read("/projects/me/vision/runs/zz")).rejects.toMatchObject({ status: 404, code: "not_found" });
  await expect(read("/projects/me/vision/metrics")).rejects.toMatchObject({ code: "not_stored" });
  await expect(read("/projects/you/other/runs/zz")).rejects.toMatchObject({
    status: 404,
    code: "not_stored",
  });
  expect(fetched).not.toHaveBeenCalled();
});

test("each project is answered from its own figure, and a request about none from any", async () => {
  const parsed = answerOf("/filters/parse", { text: "state = finished" }, { tree: null });
  const others = answerOf("runs/query", LISTED.body as object, { ...TABLE, rows: [], total: 0 });
  const figures = [
    { project: PROJECT, figure: figureOf(LISTED) },
    { project: OTHER, figure: figureOf(others, parsed) },
  ];
  const client = sourcedClient(figureSource(figures));
  const namesIn = async (project: typeof OTHER) =>
    (await client.fetchQuery(rowsQuery(project, ROWS, null, 0, 10))).rows.map(({ name }) => name);
  expect([await namesIn(PROJECT), await namesIn(OTHER)]).toEqual([["calm"], []]);
  const body = JSON.stringify({ text: "state = finished" });
  const answer = await figureSource(figures)("/filters/parse", { method: "POST", body });
  expect(await answer.json()).toEqual({ tree: null });
  // runs of a project whose figure the reader may not see
  const third = { entity: "lab", project: "third" };
  await expect(namesIn(third)).rejects.toThrow("No runs of this project that you may see");
});

test("a recorder notes what each project is asked, and whether the stored lists have the same runs", async () => {
  vi.stubGlobal("fetch", async () => Response.json(TABLE));
  const recorder = new FigureRecorder();
  const client = sourcedClient(recorder.source);
  await client.fetchQuery(rowsQuery(PROJECT, ROWS, null, 0, 10));
  const names = `${metricNamesPath(PROJECT, ["a"])}&seen_micros=3`;
  await client.fetchQuery({ queryKey: ["names"], queryFn: readJson(names) });
  await client.fetchQuery({ queryKey: ["run"], queryFn: readJson("/projects/lab/speech/runs/b") });
  await client.fetchQuery({ queryKey: ["presets"], queryFn: readJson("/chart-presets") });
  const noted = (project: typeof OTHER) =>
    recorder.requestsOf(project).map(({ method, path }) => `${method} ${path}`);
  expect(noted(PROJECT)).toEqual(["POST runs/query", "GET metrics/names?runs=a", "GET /chart-presets"]);
  expect(noted(OTHER)).toEqual(["GET runs/b", "GET /chart-presets"]);
  expect(recorder.hasSameRuns(PROJECT, figureOf(LISTED))).toBe(true);
  const other = answerOf("runs/query", LISTED.body as object, { ...TABLE, rows: [] });
  expect(recorder.hasSameRuns(PROJECT, figureOf(other))).toBe(false);
  expect(recorder.hasSameRuns(OTHER, figureOf(other))).toBe(true);
});
