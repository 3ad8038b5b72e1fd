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
    return { reports, cursor: null, total: reports.length };
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

test("a project without reports tells how to create one", async () => {
  const server = new FakeServer([]);
  server.on("GET", "reports", () => ({ reports: [], cursor: null, total: 0 }));
  await open();
  expect(await screen.findByRole("heading", { name: "No reports yet" })).toBeTruthy();
  expect(screen.getByText(/import weft\.reports[\s\S]*"vision",\s+entity="me"/)).toBeTruthy();
});
