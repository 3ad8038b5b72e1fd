import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { renderPage } from "@/testing/render";
import { FakeServer } from "@/testing/server";
import { ReportGalleryPage } from "./gallery-page";

function info(id: string, part: object) {
  return {
    id,
    entity: "lab",
    project: "vision",
    title: id,
    description: "",
    author: null,
    created_micros: 1,
    edited_micros: 2,
    edited_by: null,
    seq: 1,
    published_version: 1,
    published_micros: 2,
    published_by: null,
    has_changes: false,
    n_views: 0,
    is_starred: false,
    pinned_micros: null,
    match: null,
    ...part,
  };
}

/** A server whose projects are not listed. */
function newServer(): FakeServer {
  const server = new FakeServer([]);
  server.on("GET", "/projects", () => ({ projects: [] }));
  return server;
}

function open(path = "/reports") {
  return renderPage(<ReportGalleryPage />, { route: "/reports", path });
}

test("reports of several projects are listed in pages, each with its project", async () => {
  const server = newServer();
  server.on("GET", "/reports", ({ query }) =>
    query.get("cursor")
      ? { reports: [info("Third", {})], cursor: null }
      : { reports: [info("First", {}), info("Second", { entity: "me", project: "text" })], cursor: "next" },
  );
  const { user } = await open();
  const second = (await screen.findAllByRole("listitem"))[1]!;
  const link = within(second).getByRole<HTMLAnchorElement>("link", { name: "Second" });
  expect(link.pathname).toBe("/me/text/reports/Second");
  expect(within(second).getByRole("link", { name: /^me \/\s*text$/ })).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Show older ones" }));
  expect(await screen.findByRole("link", { name: "Third" })).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Show older ones" })).toBeNull();
});

test("the address keeps entity, search and state, and the server is asked for them", async () => {
  const server = newServer();
  const queries: string[] = [];
  server.on("GET", "/reports", ({ query }) => {
    queries.push(query.toString());
    const match = { block: "b7", pieces: ["the ", "loss", " of all"] };
    return { reports: query.get("search") === "loss" ? [info("First", { match })] : [], cursor: null };
  });
  const { user, search } = await open("/reports?entity=lab");
  expect(await screen.findByText(/No project of lab has a report/)).toBeTruthy();
  await user.type(screen.getByRole("textbox"), "loss");
  const excerpt = await screen.findByRole<HTMLAnchorElement>("link", { name: "the loss of all" });
  expect(excerpt.pathname + excerpt.hash).toBe("/lab/vision/reports/First#b7");
  await user.click(screen.getByRole("radio", { name: "Published" }));
  expect(search()).toEqual({ entity: "lab", q: "loss", state: "published" });
  expect(queries.at(-1)).toBe("limit=24&entity=lab&search=loss&state=published");
});
