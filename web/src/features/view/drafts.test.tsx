import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { renderPage } from "@/testing/render";
import { FakeServer, PROJECT } from "@/testing/server";
import { ViewPages } from "@/testing/view-pages";
import { searchOfLastView } from "./last-view";
import { ViewsMenu } from "./views-menu";

async function openAblation() {
  const server = new FakeServer([]);
  const views = ["Ablation", "Other"].map((name) => ({
    id: `draft-${name}`,
    name,
    kind: "personal",
    is_mine: true,
    version: 1,
  }));
  server.on("GET", "views", () => ({ views }));
  for (const view of views) server.on("GET", `views/${view.id}`, () => ({ ...view, document: {} }));
  const { user } = await renderPage(
    <ViewPages backSearch={() => searchOfLastView(PROJECT)}>
      <ViewsMenu project={PROJECT} />
    </ViewPages>,
  );
  const choose = async (role: string, name: RegExp) => {
    await user.click(await screen.findByRole("button", { name: /^View: / }));
    await user.click(await within(await screen.findByRole("menu")).findByRole(role, { name }));
    await waitFor(() => expect(screen.queryByRole("menu")).toBeNull());
  };
  await choose("menuitemradio", /^Ablation/);
  await screen.findByRole("button", { name: "View: Ablation" });
  return { user, choose };
}

test("a named view's changes are there after a visit to another page, and gone once discarded", async () => {
  const { user, choose } = await openAblation();
  await user.click(screen.getByText("Group"));
  await screen.findByRole("button", { name: "View: Ablation edited" });
  await user.click(screen.getByText("Trash"));
  await user.click(await screen.findByText("Workspace"));
  await screen.findByRole("button", { name: "View: Ablation edited" });
  await screen.findByText("config.lr");

  await choose("menuitem", /^Discard changes/);
  await screen.findByText("no groups");
  await user.click(screen.getByText("Trash"));
  await user.click(await screen.findByText("Workspace"));
  await screen.findByRole("button", { name: "View: Ablation" });
  await screen.findByText("no groups");
});

test("a named view's changes wait while another view is open", async () => {
  const { user, choose } = await openAblation();
  await user.click(screen.getByText("Group"));
  await screen.findByRole("button", { name: "View: Ablation edited" });
  await choose("menuitemradio", /^Other/);
  await screen.findByRole("button", { name: "View: Other" });
  await screen.findByText("no groups");
  await choose("menuitemradio", /^Ablation/);
  await screen.findByRole("button", { name: "View: Ablation edited" });
  await screen.findByText("config.lr");
});
