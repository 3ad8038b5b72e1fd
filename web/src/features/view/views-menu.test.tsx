import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { documentOf } from "@/data/view/document";
import { FIRST_VIEW } from "@/data/view/view";
import { renderPage } from "@/testing/render";
import { FakeServer, PROJECT, problem } from "@/testing/server";
import { ViewProvider } from "./page-view";
import { useSetView } from "./view-store";
import { ViewsMenu } from "./views-menu";

function Change() {
  const setView = useSetView();
  return (
    <button type="button" onClick={() => setView({ baseline: "id-1" })}>
      Change the view
    </button>
  );
}

/** More names than an address has room for. */
const LONG = Array.from({ length: 3000 }, (_, n) => Math.sin(n).toString(36));

function Lengthen() {
  const setView = useSetView();
  return (
    <>
      <button type="button" onClick={() => setView({ hiddenPanels: LONG })}>
        Lengthen the view
      </button>
      <button type="button" onClick={() => setView({ runSearch: "x".repeat(7000) })}>
        Search for a long text
      </button>
      <button type="button" onClick={() => setView({ hiddenPanels: [], runSearch: "" })}>
        Shorten the view
      </button>
    </>
  );
}

const page = (
  <ViewProvider project={PROJECT}>
    <ViewsMenu project={PROJECT} />
    <Change />
    <Lengthen />
  </ViewProvider>
);

function serve() {
  const server = new FakeServer([]);
  let version = 1;
  let document: unknown = documentOf({ ...FIRST_VIEW, baseline: "id-0" });
  const info = () => ({ id: "v1", name: "Ablation", kind: "personal", is_mine: true, version });
  server.on("GET", "views", () => ({ views: [info()] }));
  server.on("GET", "views/v1", () => ({ ...info(), document }));
  server.on("PATCH", "views/v1", ({ body }) => {
    version += 1;
    document = body.document ?? document;
    return { ...info(), ...body, document };
  });
  server.on("POST", "views", ({ body }) => ({ ...info(), ...body, id: "v2", version: 1 }));
  return server;
}

const button = () => screen.findByRole("button", { name: /^View: / });

async function openMenu() {
  const opened = await renderPage(page);
  const menu = async () => {
    await opened.user.click(await button());
    return within(await screen.findByRole("menu"));
  };
  return { ...opened, menu };
}

test("saved views are listed and opened; a change of one is told, and discarded", async () => {
  serve();
  const { user, menu } = await openMenu();
  expect((await button()).getAttribute("aria-label")).toBe("View: Default view");
  await user.click(await (await menu()).findByRole("menuitemradio", { name: "Ablation" }));
  await screen.findByRole("button", { name: "View: Ablation" });
  await user.click(screen.getByText("Change the view"));
  await screen.findByRole("button", { name: "View: Ablation edited" });
  await user.click((await menu()).getByRole("menuitem", { name: "Discard changes" }));
  await screen.findByRole("button", { name: "View: Ablation" });
});

test("instead of a linked view that is in the trash the default one is shown, and why", async () => {
  const server = serve();
  // not `v1`: a page that showed it last keeps it without a question
  server.on("GET", "views/v9", () => problem(410, "gone", "it can still be taken out of the trash"));
  await renderPage(page, { path: "/me/vision?view=v9" });
  await screen.findByText(/That view was deleted/);
  await screen.findByRole("button", { name: "View: Default view" });
});

test("changes are saved", async () => {
  const server = serve();
  const { user, menu } = await openMenu();
  await user.click(await (await menu()).findByRole("menuitemradio", { name: "Ablation" }));
  await screen.findByRole("button", { name: "View: Ablation" });
  await user.click(screen.getByText("Change the view"));
  await user.click((await menu()).getByRole("menuitem", { name: "Save changes" }));
  await screen.findByText("Saved Ablation");
  await screen.findByRole("button", { name: "View: Ablation" });
  expect(server.bodies("PATCH", "views/v1")).toHaveLength(1);
});

test("a view that was saved elsewhere meanwhile is not overwritten unasked", async () => {
  const server = serve();
  const { user, menu } = await openMenu();
  await user.click(await (await menu()).findByRole("menuitemradio", { name: "Ablation" }));
  await screen.findByRole("button", { name: "View: Ablation" });
  await user.click(screen.getByText("Change the view"));
  server.on("PATCH", "views/v1", () => problem(412, "outdated", "changed meanwhile"));
  await user.click((await menu()).getByRole("menuitem", { name: "Save changes" }));
  const dialog = await screen.findByRole("dialog", { name: "Ablation was changed meanwhile" });
  await user.click(within(dialog).getByRole("button", { name: "Show theirs" }));
  await screen.findByRole("button", { name: "View: Ablation" });
});

test("a view of a name that is taken is not saved, and the dialog says why", async () => {
  const server = serve();
  server.on("POST", "views", () => problem(409, "conflict", "there is a view of this name"));
  const { user, menu } = await openMenu();
  await user.click((await menu()).getByRole("menuitem", { name: "Save as new view" }));
  const dialog = within(await screen.findByRole("dialog"));
  const save = dialog.getByRole<HTMLButtonElement>("button", { name: "Save" });
  expect(save.disabled).toBe(true);
  await user.type(dialog.getByRole("textbox", { name: "Name" }), "Ablation{Enter}");
  expect((await dialog.findByRole("alert")).textContent).not.toBe("");
  await user.click(dialog.getByRole("button", { name: "Cancel" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
});

test("a search that is too long for the address is left out of it, and the menu says so", async () => {
  serve();
  const { user } = await openMenu();
  await user.click(screen.getByText("Search for a long text"));
  const flag = await screen.findByText("no link", {}, { timeout: 5000 });
  expect(flag.title).toContain("its searches and zooms take 7,002 characters");
  expect(window.location.search).not.toContain("xxx");
  await user.click(screen.getByText("Shorten the view"));
  await waitFor(() => expect(screen.queryByText("no link")).toBeNull());
});

test("who may make no link is told that a long view has none, and gets no wrong one", async () => {
  const server = serve();
  server.on("POST", "views", () => problem(403, "forbidden", "that takes the role member"));
  const { user, menu } = await openMenu();
  await user.click(screen.getByText("Lengthen the view"));
  const flag = await screen.findByText("no link", {}, { timeout: 5000 });
  expect(flag.title).toContain("that takes the role member");
  expect((await button()).getAttribute("aria-label")).toMatch(/^View: Default view .*no link$/);
  await user.click((await menu()).getByRole("menuitem", { name: "Copy link" }));
  await screen.findByText(/No link shows this view/);
  await user.click(screen.getByText("Shorten the view"));
  await waitFor(() => expect(screen.queryByText("no link")).toBeNull());
});
