import { screen, waitFor, within } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { renderPage } from "@/testing/render";
import { FakeServer, fakeRun, problem } from "@/testing/server";
import { ReportPage } from "./report-page";

const REPORT = {
  id: "r1",
  title: "Ablation",
  description: "Which one wins",
  author: null,
  created_micros: 1,
  edited_micros: 2,
  edited_by: null,
  seq: 4,
  published_version: 2,
  published_micros: 3,
  published_by: null,
  has_changes: true,
  version: 2 as number | null,
  figures: [] as readonly object[],
};

function documentOf(blocks: readonly object[]) {
  return { schema: 1, title: "Ablation", description: "Which one wins", width: "readable", blocks, more: {} };
}

const RUNS = [
  fakeRun("calm", { id: "a", values: { "summary.acc": 0.91234, "config.lr": 0.1 } }),
  fakeRun("bold", { id: "b", values: { "config.lr": 0.2 } }),
];

function open(server: FakeServer, report: object = REPORT, blocks: readonly object[] = []) {
  server.on("GET", "reports/r1", () => ({ ...report, document: documentOf(blocks) }));
  return renderPage(<ReportPage />, {
    route: "/$entity/$project/reports/$report",
    path: "/me/vision/reports/r1",
  });
}

const silentObserver = IntersectionObserver;
afterEach(() => {
  vi.stubGlobal("IntersectionObserver", silentObserver);
});

test("readers see text, values of runs with their source, and what cannot be shown", async () => {
  const server = new FakeServer(RUNS);
  await open(server, REPORT, [
    { id: "h", kind: "heading", level: 1, text: [{ text: "Results" }] },
    {
      id: "p",
      kind: "paragraph",
      text: [
        { text: "It reaches " },
        { kind: "value", run: "me/vision/a", key: "summary.acc", format: 2 },
        { text: ", the deleted one " },
        { kind: "value", run: "me/vision/zz", key: "summary.acc" },
        { text: ", see ", marks: ["bold", "italic"] },
        { text: "there", link: "#results" },
      ],
    },
    {
      id: "l",
      kind: "list",
      style: "check",
      items: [{ checked: true, blocks: [{ kind: "paragraph", text: [{ text: "Again" }] }] }],
    },
    { id: "c", kind: "card", of: "run", path: "me/vision/b" },
    { id: "x", kind: "hologram" },
  ]);
  expect(await screen.findByRole("heading", { name: "Ablation", level: 1 })).toBeTruthy();
  expect(screen.getByRole("heading", { level: 2 }).id).toBe("results");
  const value = await screen.findByText("0.91");
  expect(value.title).toBe("acc of calm, me/vision, as it is now");
  expect((value as HTMLAnchorElement).pathname).toBe("/me/vision/runs/a");
  expect(screen.getByText("no run").title).toContain("me/vision/zz");
  expect(screen.getByRole("link", { name: "there" }).getAttribute("href")).toBe("#results");
  expect(screen.getByRole("img", { name: "done" })).toBeTruthy();
  expect(await screen.findByRole("link", { name: /bold.*run.*finished/ })).toBeTruthy();
  expect(screen.getByText("hologram")).toBeTruthy();
  expect(screen.getByText("Published")).toBeTruthy();
});

test("a report that was never published is shown to its editors as a draft, which they can publish", async () => {
  const server = new FakeServer([]);
  const draft = { ...REPORT, version: null, published_version: null, published_micros: null };
  const { user } = await open(server, draft);
  let isPublished = false;
  server.on("GET", "reports/r1", ({ query }) => {
    if (query.get("version") === "published" && !isPublished)
      return problem(404, "not_found", "no such report");
    return { ...(isPublished ? { ...REPORT, has_changes: false } : draft), document: documentOf([]) };
  });
  server.on("POST", "reports/r1/publish", () => {
    isPublished = true;
    return { version: 2 };
  });
  await user.click(await screen.findByRole("button", { name: "Publish" }));
  expect(await screen.findByText("Published")).toBeTruthy();
  await waitFor(() => expect(screen.queryByRole("button", { name: "Publish" })).toBeNull());
});

test("a report that is neither published nor a draft of the reader's is not there", async () => {
  const server = new FakeServer([]);
  server.on("GET", "reports/r1", ({ query }) =>
    query.get("version") === "draft"
      ? problem(403, "forbidden", "needs the role member")
      : problem(404, "not_found", "no such report"),
  );
  await renderPage(<ReportPage />, {
    route: "/$entity/$project/reports/$report",
    path: "/me/vision/reports/r1",
  });
  expect(await screen.findByRole("heading", { name: "No such report" })).toBeTruthy();
});

const GRID = {
  id: "g",
  kind: "grid",
  runSets: {
    low: { name: "Low", filter: 'id in ("a")' },
    high: { name: "High", filter: 'id in ("b")', isShown: false },
    far: { name: "Far", project: "me/other" },
  },
  runSetOrder: ["low", "high", "far"],
  panels: {
    p: { kind: "markdown", options: { text: "# Reading\nLess is better." } },
    q: { kind: "hologram" },
  },
};

test("a grid asks for its runs once it is in view, and its run sets are shown or hidden", async () => {
  const server = new FakeServer(RUNS);
  const seen: (() => void)[] = [];
  vi.stubGlobal(
    "IntersectionObserver",
    class {
      constructor(tell: (entries: unknown) => void) {
        seen.push(() => tell([{ isIntersecting: true }]));
      }
      observe() {}
      disconnect() {}
    },
  );
  const { user } = await open(server, REPORT, [GRID]);
  await screen.findByRole("heading", { name: "Ablation" });
  const grid = screen.getByRole("figure", { name: "Panels" });
  expect(within(grid).getByText("Low")).toBeTruthy();
  expect(server.bodies("POST", "runs/query")).toEqual([]);

  for (const tell of seen) tell();
  const sets = await within(grid).findByRole("list", { name: "Run sets" });
  const rows = within(sets).getAllByRole("listitem");
  await waitFor(() => expect(rows[0]?.textContent).toContain("1 run"));
  expect(rows[2]?.textContent).toContain("of me/other");
  const high = within(sets).getByRole("button", { name: "Show the runs of High" });
  expect(high.getAttribute("aria-pressed")).toBe("false");
  await user.click(high);
  expect(high.getAttribute("aria-pressed")).toBe("true");
  expect(await within(grid).findByText("Less is better.")).toBeTruthy();
  expect(within(grid).queryByRole("button", { name: "Panel settings" })).toBeNull();
  expect(grid.textContent).toContain("cannot show panels of the kind hologram");
});
