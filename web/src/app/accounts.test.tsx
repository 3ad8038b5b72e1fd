// @vitest-environment jsdom
import { cleanup, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { AuthorizePage } from "@/features/account/authorize-page";
import { SettingsPage } from "@/features/account/settings-page";
import { TeamPage } from "@/features/account/teams/team-page";
import { ProjectsCard } from "@/features/home/side-cards";
import { renderPage } from "@/testing/render";
import { AS_VIEWER, FakeServer, PROJECT } from "@/testing/server";
import { AccountMenu } from "./account-menu";
import { TopBar } from "./top-bar";

const LOCAL = {
  account: null,
  user: "me",
  entity: "local",
  is_admin: true,
  url: "http://127.0.0.1:8080",
  version: "1",
  data: "/d",
};

test("a person alone on a server sees no accounts, keys, teams or people, and asks for none", async () => {
  const server = new FakeServer([]);
  server.on("GET", "/server", () => LOCAL);
  server.on("GET", "/projects/activity", () => ({ projects: [] }));
  server.on("GET", "/users/matches", () => ({ users: [] }));
  server.on("GET", "/server/key", () => ({ api_key: "weft-own" }));
  const { user } = await renderPage(
    <>
      <AccountMenu />
      <TopBar onSearch={() => {}} onNearSearch={() => undefined} onHelp={() => {}} />
      <ProjectsCard projects={[{ ...PROJECT, n_runs: 0, n_running: 0, active_micros: 0 } as never]} />
      <SettingsPage />
      <AuthorizePage />
      <TeamPage />
    </>,
  );
  await screen.findByRole("region", { name: "Server" });
  expect(screen.queryByRole("navigation", { name: "Settings" })).toBeNull();
  expect(screen.queryByRole("region", { name: /Keys|Users|Members|Profile/ })).toBeNull();
  await user.click(screen.getAllByRole("button", { name: "Account" })[0]!);
  expect(screen.queryByRole("button", { name: /Switch entity|Who may see/ })).toBeNull();
  const items = await screen.findAllByRole("menuitem");
  expect(items.map((item) => item.textContent)).toEqual(["Key and login", "Settings"]);
  const paths = new Set(server.requests.map(({ path }) => path));
  expect([...paths].sort()).toEqual(["/projects/activity", "/server", "/server/key", "/users/matches"]);
});

test("a new team is not offered while an admin looks as a viewer", async () => {
  const itemsOf = async (seen_as: typeof AS_VIEWER | null) => {
    const server = new FakeServer([]);
    server.on("GET", "/server", () => ({ account: "ada", is_admin: false, seen_as }));
    const teams = [{ name: "lab", display_name: "The lab", role: "admin" }];
    server.on("GET", "/teams", () => ({ teams, may_create: true }));
    const { user } = await renderPage(<AccountMenu />);
    await user.click(await screen.findByRole("button", { name: "Account" }));
    await screen.findByRole("menuitem", { name: "The lab" });
    const items = screen.getAllByRole("menuitem").map((item) => item.textContent);
    cleanup();
    return items;
  };
  expect(await itemsOf(null)).toContain("New team");
  expect(await itemsOf(AS_VIEWER)).not.toContain("New team");
});
