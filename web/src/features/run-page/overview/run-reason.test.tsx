import { screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import type { Run } from "@/api/types";
import { renderPage } from "@/testing/render";
import { FakeServer } from "@/testing/server";
import { RunReason } from "./run-reason";

const run = {
  entity: "me",
  project: "vision",
  id: "r",
  state: "failed",
  reason: "ValueError: bad shape",
} as Run;

function serve(streams: readonly object[]): FakeServer {
  const server = new FakeServer([]);
  server.on("GET", "runs/r/logs/streams", () => ({ streams }));
  return server;
}

test("the reason of a run that failed leads to its log", async () => {
  serve([{ writer: "a", stream: "stderr", rank: 0, label: "", n_lines: 14 }]);
  const { user, path } = await renderPage(<RunReason run={run} />);
  await user.click(screen.getByText("ValueError: bad shape"));
  await waitFor(() => expect(path()).toBe("/me/vision/runs/r/logs"));
});

test("the reason of a run that printed nothing leads to no log", async () => {
  const server = serve([]);
  await renderPage(<RunReason run={run} />);
  await waitFor(() => expect(screen.queryByRole("link")).toBeNull());
  expect(screen.getByText("ValueError: bad shape")).toBeTruthy();
  expect(server.requests.map(({ path }) => path)).toEqual(["/projects/me/vision/runs/r/logs/streams"]);
});
