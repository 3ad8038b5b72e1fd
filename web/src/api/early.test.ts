import { expect, it, vi } from "vitest";
import { requestJson } from "./client";
import { beginEarly } from "./early";

it("answers that are there are read without a task, so that the page is rendered once for all of them", async () => {
  vi.spyOn(performance, "now").mockReturnValue(0);
  vi.stubGlobal("fetch", async (path: string) => new Response(JSON.stringify(path)));
  const paths = ["/server", "/projects", "/trash"];
  await Promise.all(paths.map((path) => beginEarly(path)));
  const read: unknown[] = [];
  for (const path of paths) void requestJson(path).then((answer) => read.push(answer));
  for (let i = 0; i < 8; i++) await Promise.resolve();
  expect(read).toEqual(paths.map((path) => `/api/v1${path}`));
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});
