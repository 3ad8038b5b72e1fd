import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { renderPage } from "@/testing/render";
import { FakeServer } from "@/testing/server";
import { ReportsPage } from "./reports-page";

function info(id: string, part: object) {
  return {
    id,
    title: id,
    description: "",
    author: null,
    created_micros: 1,
    edited_micros: 2,
    edited_by: null,
    seq: 1,
    published_version: null,
    published_micros: null,
    published_by: null,
    has_changes: true,
    n_views: 0,
    is_starred: false,
    pinned_micros: null,
    ...part,
  };
}

const REPORTS = [
  info("new", { title: "Zebra" }),
  info("out", { title: "Ablation", published_version: 3, has_changes: false }),
  info("old", { title: "", published_version: 1 }),
];

function open() {
  return renderPage(<ReportsPage />, { route: "/$entity/$project/reports", path: "/me/vision/reports" });
}

test("reports are listed with their states, sorted by a column, and searched", async () => {
  const server = new FakeServer([]);
  server.on("GET", "reports", ({ query }) => {
    const reports = REPORTS.filter(({ title }) => title.toLowerCase().includes(query.get("search") ?? ""));
    return { reports, cursor: null, total: reports.length, matches: {} };
  });
  const { user } = await open();
  const table = await screen.findByRole("table", { name: "Reports" });
  const titles = () =>
    within(table)
      .getAllByRole("row")
      .slice(1)
      .map((row) => row.textContent);
  expect(titles()).toEqual([
    expect.stringMatching(/^Zebra.*Draft/),
    expect.stringMatching(/^Ablation.*Published/),
    expect.stringMatching(/^Untitled report.*Published.*edited since/),
  ]);
  const link = within(table).getByRole<HTMLAnchorElement>("link", { name: "Ablation" });
  expect(link.pathname).toBe("/me/vision/reports/out");
  await user.click(within(table).getByRole("button", { name: /Report/ }));
  await user.click(within(table).getByRole("button", { name: /Report/ }));
  expect(titles()[0]).toMatch(/^Ablation/);
  await user.type(screen.getByRole("textbox"), "none");
  expect(await screen.findByText("No report matches")).toBeTruthy();
  await user.click(screen.getAllByRole("button", { name: "Clear search" })[0]!);
  expect(await screen.findByText("3 reports")).toBeTruthy();
});

test("a search shows where its words are, and the address keeps it with the order", async () => {
  const server = new FakeServer([]);
  const report = info("r1", { title: "Cosine schedule", n_views: 12 });
  server.on("GET", "reports", ({ query }) => ({
    reports: [report],
    cursor: null,
    total: 1,
    matches: query.get("search") ? { r1: { block: "b7", pieces: ["the ", "loss", " of all"] } } : {},
  }));
  const { user, search } = await open();
  await user.type(await screen.findByRole("textbox"), "loss cos");
  const excerpt = await screen.findByRole<HTMLAnchorElement>("link", { name: "the loss of all" });
  expect(excerpt.pathname + excerpt.hash).toBe("/me/vision/reports/r1#b7");
  expect(within(excerpt).getByText("loss").tagName).toBe("MARK");
  expect(within(screen.getByRole("link", { name: "Cosine schedule" })).getByText("Cos").tagName).toBe("MARK");
  await user.click(screen.getByRole("button", { name: "Views" }));
  expect(search()).toMatchObject({ q: "loss cos", sort: "-views" });
});

test("a star is sent at once, and taken away by the next click", async () => {
  const server = new FakeServer([]);
  const sent: string[] = [];
  let isStarred = false;
  server.on("GET", "reports", () => ({
    reports: [info("r1", { title: "Findings", is_starred: isStarred })],
    cursor: null,
    total: 1,
    matches: {},
  }));
  for (const method of ["PUT", "DELETE"] as const)
    server.on(method, "reports/r1/star", () => {
      sent.push(method);
      isStarred = method === "PUT";
      return null;
    });
  const { user } = await open();
  await user.click(await screen.findByRole("button", { name: "Star Findings", pressed: false }));
  await user.click(await screen.findByRole("button", { name: "Star Findings", pressed: true }));
  await screen.findByRole("button", { name: "Star Findings", pressed: false });
  expect(sent).toEqual(["PUT", "DELETE"]);
});

test("a project without reports tells how to create one", async () => {
  const server = new FakeServer([]);
  server.on("GET", "reports", () => ({ reports: [], cursor: null, total: 0 }));
  await open();
  expect(await screen.findByRole("heading", { name: "No reports yet" })).toBeTruthy();
  expect(screen.getByText(/import weft\.reports[\s\S]*"vision",\s+entity="me"/)).toBeTruthy();
});

test("the menu pins a report to the overview, and takes it off", async () => {
  const server = new FakeServer([]);
  const sent: string[] = [];
  let pinnedMicros: number | null = null;
  server.on("GET", "reports", () => ({
    reports: [info("r1", { title: "Findings", pinned_micros: pinnedMicros })],
    cursor: null,
    total: 1,
    matches: {},
  }));
  for (const method of ["PUT", "DELETE"] as const)
    server.on(method, "reports/r1/pin", () => {
      sent.push(method);
      pinnedMicros = method === "PUT" ? 5 : null;
      return null;
    });
  const { user } = await open();
  await user.click(await screen.findByRole("button", { name: "More of Findings" }));
  await user.click(await screen.findByRole("menuitem", { name: "Pin to overview" }));
  expect(await screen.findByRole("link", { name: /^Findings\s*pinned$/ })).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "More of Findings" }));
  await user.click(await screen.findByRole("menuitem", { name: "Unpin from overview" }));
  expect(await screen.findByRole("link", { name: "Findings" })).toBeTruthy();
  expect(sent).toEqual(["PUT", "DELETE"]);
});
