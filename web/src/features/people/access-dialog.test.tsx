// @vitest-environment jsdom
import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { renderPage } from "@/testing/render";
import { FakeServer, PROJECT, problem } from "@/testing/server";
import { AccessDialog } from "./access-dialog";

const ACCESS = {
  visibility: "private",
  open_role: "viewer",
  members: { bob: "viewer" },
  teams: {},
  role: "admin",
};

function open(access: object) {
  const server = new FakeServer([]);
  server.on("GET", "/server", () => ({ account: "ada" }));
  server.on("GET", "access", () => access);
  return server;
}

test("an admin opens a project, gives and takes roles, and learns why someone sees it", async () => {
  const server = open(ACCESS);
  let access: object = ACCESS;
  server.on("PATCH", "access", ({ body: { members = {}, ...rest } }) => {
    access = { ...access, ...rest, members: { ...ACCESS.members, ...members } };
    return access;
  });
  const { user } = await renderPage(<AccessDialog project={PROJECT} onClose={() => {}} />);
  const dialog = await screen.findByRole("dialog", { name: "Access to vision" });
  expect(within(dialog).queryByRole("button", { name: /Role of all users/ })).toBeNull();
  await user.click(await within(dialog).findByRole("radio", { name: /Open/ }));
  await within(dialog).findByRole("button", { name: "Role of all users: Viewer" });
  server.on("PATCH", "access", () => problem(404, "not_found", "no such user: eva"));
  const field = within(dialog).getByRole("combobox", { name: "User name" });
  await user.type(field, "eva{Enter}");
  expect((await within(dialog).findByRole("alert")).textContent).toBe("no such user: eva");
  expect((field as HTMLInputElement).value).toBe("eva");
  expect(server.bodies("PATCH", "access")).toEqual([{ visibility: "open" }, { members: { eva: "viewer" } }]);
  server.on("GET", "access/eve", () => ({
    user: "eve",
    role: null,
    reason: "neither named in the project nor a member of its team",
    may: [],
  }));
  await user.type(within(dialog).getByRole("combobox", { name: "User to explain" }), "eve{Enter}");
  await waitFor(() =>
    expect(within(dialog).getByRole("status").textContent).toContain(
      "eve does not see me/vision: neither named in the project nor a member of its team.",
    ),
  );
});

test("others see who sees it, and change nothing", async () => {
  open({ ...ACCESS, role: "member" });
  await renderPage(<AccessDialog project={PROJECT} onClose={() => {}} />);
  const dialog = await screen.findByRole("dialog");
  expect((await within(dialog).findByRole("region", { name: "Seen by" })).textContent).toContain("Private");
  for (const role of ["radio", "textbox", "combobox"]) expect(within(dialog).queryByRole(role)).toBeNull();
});

test("users to choose are those whom the server finds for the text that was typed", async () => {
  const server = open(ACCESS);
  const users = ["eve", "everett"].map((name) => ({
    name,
    display_name: "",
    is_disabled: false,
    team: null,
  }));
  server.on("GET", "/users/matches", ({ query }) => ({
    users: users.filter(({ name }) => name.startsWith(query.get("search")!)),
  }));
  server.on("PATCH", "access", () => ACCESS);
  const { user } = await renderPage(<AccessDialog project={PROJECT} onClose={() => {}} />);
  const field = await screen.findByRole("combobox", { name: "User name" });
  await user.click(field);
  expect(screen.queryByRole("option")).toBeNull();
  await user.type(field, "ev");
  await waitFor(() => expect(screen.getAllByRole("option").length).toBe(2));
  await user.type(field, "er");
  await waitFor(() => expect(screen.getAllByRole("option").length).toBe(1));
  expect(document.activeElement).toBe(field);
  await user.keyboard("{ArrowDown}{Enter}");
  expect((field as HTMLInputElement).value).toBe("everett");
  expect(screen.queryByRole("option")).toBeNull();
  await user.keyboard("{Enter}");
  await waitFor(() => expect(server.bodies("PATCH", "access")).toEqual([{ members: { everett: "viewer" } }]));
  const searches = server.requests.filter(({ path }) => path === "/users/matches");
  expect(searches.every(({ query }) => query.get("limit") === "8" && query.get("search") !== "")).toBe(true);
});

test("roles of other teams' members are listed and taken away", async () => {
  const server = open({ ...ACCESS, members: {}, teams: { solo: "member" } });
  server.on("PATCH", "access", () => ({ ...ACCESS, members: {}, teams: {} }));
  const { user } = await renderPage(<AccessDialog project={PROJECT} onClose={() => {}} />);
  const dialog = await screen.findByRole("dialog", { name: "Access to vision" });
  await user.click(
    await within(dialog).findByRole("button", { name: "Role of the members of solo: Member" }),
  );
  await user.click(await screen.findByRole("menuitem", { name: "Take the role away" }));
  await within(dialog).findByText(/No one has a role here/);
  expect(server.bodies("PATCH", "access")).toEqual([{ teams: { solo: null } }]);
});
