import { screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import type { Run } from "@/api/types";
import { renderPage } from "@/testing/render";
import { FakeServer } from "@/testing/server";
import { RecentTable } from "./recent-table";

function ended(id: string, part: Partial<Run>): Run {
  const run = { id, name: id, entity: "me", project: "vision", summary: {}, definitions: [], n_alerts: 0 };
  const times = { created_micros: 0, runtime_from_micros: 0, ended_micros: 5e6, heartbeat_micros: 5e6 };
  return { ...run, ...times, tags: [], reason: null, exit_code: null, ...part } as unknown as Run;
}

test("an ended run's reason leads to the errors in its log where these tell more of it", async () => {
  new FakeServer([]);
  const runs = [
    ended("diverged", { state: "failed", exit_code: 1, reason: "ValueError: loss is NaN" }),
    ended("killed", { state: "crashed", reason: "killed by SIGKILL" }),
    ended("lost", { state: "crashed" }),
    ended("quiet", { state: "failed", exit_code: 3 }),
    ended("good", { state: "finished", exit_code: 0 }),
  ];
  await renderPage(<RecentTable entries={runs.map((run) => ({ run, earlier: [] }))} projects={[]} />);
  const link = screen.getByRole("link", { name: "ValueError: loss is NaN" });
  expect(link.getAttribute("href")).toMatch(/^\/me\/vision\/runs\/diverged\/logs\?level=.*error/);
  expect(screen.getByText("killed by SIGKILL").closest("a")).toBeNull();
  const row = (name: string) => screen.getByRole("row", { name: new RegExp(name) }).textContent;
  expect(row("lost")).toContain("no finish received");
  expect(row("quiet")).toContain("exit code 3");
  expect(row("good")).not.toContain("exit code");
});

test.each([
  ["an empty log", [], "/me/vision/runs/mute"],
  [
    "a log",
    [{ writer: "a", stream: "stderr", rank: 0, label: "", n_lines: 14 }],
    "/me/vision/runs/mute/logs",
  ],
])("the reason of a run with %s is looked up where a finger taps it", async (_, streams, path) => {
  const server = new FakeServer([]);
  let release = () => {};
  const released = new Promise<void>((done) => {
    release = done;
  });
  server.on("GET", "runs/mute/logs/streams", async () => {
    await released;
    return { streams };
  });
  const run = ended("mute", { state: "failed", exit_code: 1, reason: "ValueError: loss is NaN" });
  const { user, path: pathNow } = await renderPage(
    <RecentTable entries={[{ run, earlier: [] }]} projects={[]} />,
  );
  await user.click(screen.getByRole("link", { name: "ValueError: loss is NaN" }));
  expect(pathNow()).toBe("/me/vision");
  release();
  await waitFor(() => expect(pathNow()).toBe(path));
});

test("the reason of a run with an empty log is text once the pointer comes near", async () => {
  const server = new FakeServer([]);
  server.on("GET", "runs/mute/logs/streams", () => ({ streams: [] }));
  const run = ended("mute", { state: "failed", exit_code: 1, reason: "ValueError: loss is NaN" });
  const { user } = await renderPage(<RecentTable entries={[{ run, earlier: [] }]} projects={[]} />);
  expect(server.requests).toEqual([]);
  await user.hover(screen.getByText("ValueError: loss is NaN"));
  await waitFor(() => expect(screen.getByText("ValueError: loss is NaN").closest("a")).toBeNull());
});

test("an entry of several runs tells how many, and leads to all of them", async () => {
  new FakeServer([]);
  const [run, ...earlier] = ["c", "b", "a"].map((id) => ended(id, { state: "finished", exit_code: 0 }));
  await renderPage(<RecentTable entries={[{ run: run!, earlier }]} projects={[]} />);
  expect(screen.getByRole("link", { name: "and 2 more" }).getAttribute("href")).toBe("/me/vision/runs");
});

test("an entry of more runs than are known tells how many the project has", async () => {
  new FakeServer([]);
  const [run, ...earlier] = Array.from({ length: 30 }, (_, i) => ended(`run-${i}`, { state: "finished" }));
  const projects = [
    { entity: "me", project: "other", n_runs: 7 },
    { entity: "me", project: "vision", n_runs: 300 },
  ];
  await renderPage(<RecentTable entries={[{ run: run!, earlier }]} projects={projects} />);
  expect(screen.getByRole("link", { name: "and 29+ more of 300 runs" })).toBeTruthy();
});
