// @vitest-environment jsdom
import { screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";
import { renderPage } from "@/testing/render";
import { AS_VIEWER, FakeServer, problem } from "@/testing/server";
import { KeysSection } from "./keys/keys-section";
import { SettingsPage } from "./settings-page";
import { UsageSection } from "./usage/usage-section";

const ADA = {
  account: "ada",
  user: "me",
  is_admin: false,
  url: "http://127.0.0.1:8080",
  version: "1",
  data: null,
};
const ACCOUNT = {
  name: "ada",
  display_name: "Ada L",
  email: null,
  is_email_verified: false,
  is_admin: false,
  is_disabled: false,
  has_password: true,
  identities: [],
};
const KEY = {
  id: 1,
  user: "ada",
  name: "laptop",
  prefix: "weft-12345",
  scope: "write",
  entity: "lab",
  project: "vision",
  created_micros: 0,
  expires_micros: null,
  used_micros: null,
  used_address: null,
};

let server: FakeServer;
beforeEach(() => {
  server = new FakeServer([]);
  server.on("GET", "/teams", () => ({ teams: [], may_create: false }));
});

test("a user changes the display name; a refusal stays next to the field with what was typed", async () => {
  server.on("GET", "/server", () => ADA);
  server.on("GET", "/account", () => ACCOUNT);
  const { user } = await renderPage(<SettingsPage />);
  const field = await screen.findByRole("textbox", { name: "Display name" });
  server.on("PATCH", "/users/ada/account", () => problem(422, "invalid", "too long"));
  await user.clear(field);
  await user.type(field, "Ada Lovelace{Enter}");
  expect((await screen.findByRole("alert")).textContent).toBe("too long");
  expect((field as HTMLInputElement).value).toBe("Ada Lovelace");
  server.on("PATCH", "/users/ada/account", ({ body }) => ({ ...ACCOUNT, ...body }));
  await user.type(field, "{Enter}");
  await waitFor(() => expect(screen.queryByRole("button", { name: "Save" })).toBeNull());
  expect((field as HTMLInputElement).value).toBe("Ada Lovelace");
  await user.type(field, "x{Escape}");
  expect((field as HTMLInputElement).value).toBe("Ada Lovelace");
  expect(server.bodies("PATCH", "/users/ada/account")).toEqual([
    { display_name: "Ada Lovelace" },
    { display_name: "Ada Lovelace" },
  ]);
});

test("an admin who looks as someone else is offered no change of the account", async () => {
  server.on("GET", "/server", () => ({ ...ADA, seen_as: AS_VIEWER }));
  server.on("GET", "/account", () => ({ ...ACCOUNT, email: "ada@example.org" }));
  server.on("GET", "/keys", () => ({ keys: [KEY] }));
  const session = {
    id: 1,
    agent: "",
    method: "password",
    address: "10.0.0.7",
    created_micros: 0,
    used_micros: 0,
  };
  server.on("GET", "/sessions", () => ({
    sessions: [
      { ...session, is_current: true },
      { ...session, id: 2, is_current: false },
    ],
  }));
  const { SessionsSection } = await import("./settings/sessions-section");
  await renderPage(
    <>
      <SettingsPage />
      <KeysSection />
      <SessionsSection />
    </>,
  );
  expect((await screen.findByRole("region", { name: "Profile" })).textContent).toContain("ada@example.org");
  await screen.findByRole("row", { name: /laptop/ });
  await screen.findByText("this browser");
  expect(screen.queryAllByRole("textbox")).toEqual([]);
  expect(screen.queryAllByRole("button", { name: /^(?!Copy )/ })).toEqual([]);
});

test("only administrators have a link to the people of the server", async () => {
  server.on("GET", "/server", () => ADA);
  const { SettingsFrame } = await import("./settings-frame");
  await renderPage(
    <SettingsFrame server={ADA as never} title="Account">
      text
    </SettingsFrame>,
  );
  const nav = await screen.findByRole("navigation", { name: "Settings" });
  expect(
    within(nav)
      .getAllByRole("link")
      .map((link) => link.textContent),
  ).toEqual(["Account", "Keys", "Sessions", "Usage", "Appearance", "Audit", "Server"]);
});

test("a key is made with its limits, shown once, and revoked after a question", async () => {
  let keys = [KEY];
  server.on("GET", "/server", () => ADA);
  server.on("GET", "/projects", () => ({ projects: [{ entity: "lab", project: "vision" }] }));
  server.on("GET", "/keys", () => ({ keys }));
  server.on("POST", "/keys", ({ body }) => {
    const added = { ...KEY, ...body, id: 2, prefix: "weft-67890" };
    keys = [added, ...keys];
    return { ...added, api_key: "weft-6789012345" };
  });
  server.on("DELETE", "/keys/1", () => {
    keys = keys.filter(({ id }) => id !== 1);
    return new Response(null, { status: 204 });
  });
  const { user } = await renderPage(<KeysSection />);
  const card = await screen.findByRole("region", { name: "Keys" });
  const row = await within(card).findByRole("row", { name: /laptop/ });
  expect(row.textContent).toContain("lab/vision");
  await user.click(within(card).getByRole("button", { name: "New key" }));
  const dialog = await screen.findByRole("dialog", { name: "New key" });
  await user.type(within(dialog).getByRole("textbox", { name: "Name" }), "gpu-node");
  await user.click(within(dialog).getByRole("radio", { name: "Read" }));
  await user.type(within(dialog).getByRole("combobox", { name: "Only in" }), "lab");
  await user.click(within(dialog).getByRole("radio", { name: "30 d" }));
  await user.click(within(dialog).getByRole("button", { name: "Make key" }));
  const shown = await screen.findByRole("region", { name: "New key" });
  expect(shown.textContent).toContain("weft-6789012345");
  expect(server.bodies("POST", "/keys")).toEqual([
    { name: "gpu-node", scope: "read", entity: "lab", project: null, days: 30 },
  ]);
  await user.click(within(shown).getByRole("button", { name: "Close" }));
  expect(document.body.textContent).not.toContain("weft-6789012345");
  await user.click(within(card).getByRole("button", { name: "Revoke laptop" }));
  await user.click(await screen.findByRole("button", { name: "Revoke key" }));
  await waitFor(() => expect(within(card).queryByRole("row", { name: /laptop/ })).toBeNull());
  expect(within(card).getByRole("row", { name: /gpu-node/ })).toBeTruthy();
});

test("usage warns from 80 % of a quota on; admins set quotas of projects, administrators that of the entity", async () => {
  const project = {
    project: "vision",
    n_runs: 3,
    n_bytes: 90e9,
    metric_bytes: 40e9,
    file_bytes: 30e9,
    artifact_bytes: 15e9,
    trash_bytes: 5e9,
    quota_bytes: null,
    quota_runs: 50,
  };
  let usage = {
    entity: "lab",
    n_runs: 3,
    n_bytes: 90e9,
    quota_bytes: 100e9,
    quota_runs: 10,
    warning: null,
    projects: [project],
    people: [{ user: "ada", n_runs: 3, file_bytes: 30e9 }],
    weeks: [{ start_micros: 1.7e15, n_runs: 3, file_bytes: 30e9, artifact_bytes: 0 }],
  };
  server.on("GET", "/server", () => ADA);
  server.on("GET", "/usage/lab", () => usage);
  server.on("PUT", "/usage/lab/vision/quota", ({ body }) => {
    usage = { ...usage, projects: [{ ...project, ...body }] };
    return usage;
  });
  const { user } = await renderPage(<UsageSection entity="lab" mayManage />);
  const stored = await screen.findByRole("meter", { name: "Stored" });
  expect(stored.getAttribute("aria-valuetext")).toBe("90.0 GB of 100 GB");
  expect(stored.className).toContain("nearly-full");
  expect(screen.getByRole("meter", { name: "Runs" }).className).not.toContain("full");
  expect(screen.getByRole("row", { name: /ada/ }).textContent).toContain("30.0 GB");
  expect(screen.queryByRole("button", { name: "Set quota" })).toBeNull();
  await user.click(screen.getByRole("button", { name: "Set the quota of vision" }));
  const dialog = await screen.findByRole("dialog", { name: "Quota of vision" });
  const size = within(dialog).getByRole("textbox", { name: "Stored" });
  await user.type(size, "-1");
  expect((within(dialog).getByRole("button", { name: "Set quota" }) as HTMLButtonElement).disabled).toBe(
    true,
  );
  await user.clear(size);
  await user.type(size, "1.5");
  await user.clear(within(dialog).getByRole("textbox", { name: "Runs" }));
  await user.click(within(dialog).getByRole("button", { name: "Set quota" }));
  await waitFor(() => expect(screen.getByRole("row", { name: /vision/ }).textContent).toContain("1.5 GB"));
  expect(server.bodies("PUT", "/usage/lab/vision/quota")).toEqual([
    { quota_bytes: 1_500_000_000, quota_runs: null },
  ]);
});

test("usage shows who does not manage the entity no part of a quota that is of all projects", async () => {
  server.on("GET", "/server", () => ADA);
  server.on("GET", "/usage/lab", () => ({
    entity: "lab",
    n_runs: 3,
    n_bytes: 90e9,
    quota_bytes: 100e9,
    quota_runs: null,
    warning: null,
    projects: [],
    people: [],
    weeks: [],
  }));
  await renderPage(<UsageSection entity="lab" mayManage={false} />);
  const quota = await screen.findByRole("region", { name: "Quota" });
  expect(quota.textContent).toContain("In the projects that you see90.0 GB, 3 runs");
  expect(quota.textContent).toContain("Quota of all projects");
  expect(screen.queryByRole("meter")).toBeNull();
});

test("a quota that is used up is drawn as such", async () => {
  server.on("GET", "/server", () => ADA);
  server.on("GET", "/usage/ada", () => ({
    entity: "ada",
    n_runs: 12,
    n_bytes: 90e9,
    quota_bytes: null,
    quota_runs: 10,
    warning: null,
    projects: [],
    people: [],
    weeks: [],
  }));
  await renderPage(<UsageSection entity="ada" mayManage />);
  const classes = (await screen.findByRole("meter", { name: "Runs" })).className.split(" ");
  expect(classes).toContain("full");
  expect(classes).not.toContain("nearly-full");
});

test("a key's end is told by days, not by hours", async () => {
  const micros = (days: number) => {
    const time = new Date();
    time.setDate(time.getDate() + days);
    return time.setHours(12, 0, 0, 0) * 1000;
  };
  const ends = { tomorrow: 1, later: 3, ended: -2 };
  const keys = Object.entries(ends).map(([name, days], id) => ({
    ...KEY,
    id,
    name,
    expires_micros: micros(days),
  }));
  server.on("GET", "/server", () => ADA);
  server.on("GET", "/keys", () => ({ keys }));
  await renderPage(<KeysSection />);
  const textOf = async (name: string) =>
    (await screen.findByRole("row", { name: new RegExp(`^${name}`) })).querySelector(".expires")?.textContent;
  expect([await textOf("tomorrow"), await textOf("later")]).toEqual(["tomorrow", "in 3 d"]);
  expect(await textOf("ended")).toMatch(/^ended .*\d/);
});

test("a wrong current password is told at its field, which gets the focus", async () => {
  server.on("GET", "/server", () => ADA);
  server.on("GET", "/account", () => ACCOUNT);
  server.on("PUT", "/account/password", () =>
    problem(422, "config", "it is not your password", {
      errors: [{ field: "old_password", reason: "it is not your password" }],
    }),
  );
  const { user } = await renderPage(<SettingsPage />);
  await user.click(await screen.findByRole("button", { name: "Change" }));
  const dialog = await screen.findByRole("dialog");
  const old = within(dialog).getByLabelText("Current password");
  await user.type(old, "wrong");
  for (const label of ["New password", "New password again"])
    await user.type(within(dialog).getByLabelText(label), "correct horse battery");
  await user.click(within(dialog).getByRole("button", { name: "Change password" }));
  await waitFor(() => expect(document.activeElement).toBe(old));
  const alert = within(dialog).getByRole("alert");
  expect(old.getAttribute("aria-describedby")).toBe(alert.id);
});

test("the audit log draws no one without an account as a person", async () => {
  const entry = {
    id: 1,
    at_micros: 1.7e15,
    actor: "anyone",
    role: "anyone",
    action: "sign_in.failed",
    entity: "",
    object: "an unknown name",
    before: null,
    after: null,
    address: "10.0.0.7",
    key_prefix: "",
  };
  server.on("GET", "/audit", () => ({
    entries: [entry, { ...entry, id: 2, actor: "ada", role: "admin" }],
    cursor: null,
  }));
  const { AuditSection } = await import("./server/audit-section");
  await renderPage(<AuditSection />);
  const [, anyone, ada] = await screen.findAllByRole("row");
  expect(anyone!.textContent).toContain("not signed in");
  expect(anyone!.querySelector(".person")).toBeNull();
  expect(ada!.querySelector(".person")?.textContent).toContain("ada");
});

test("an administrator sets the quota of an entity", async () => {
  const usage = {
    entity: "lab",
    n_runs: 0,
    n_bytes: 0,
    quota_bytes: null,
    quota_runs: null,
    warning: null,
    projects: [],
    people: [],
    weeks: [],
  };
  server.on("GET", "/server", () => ({ ...ADA, is_admin: true }));
  server.on("GET", "/usage/lab", () => usage);
  server.on("PUT", "/usage/lab/quota", ({ body }) => ({ ...usage, ...body }));
  const { user } = await renderPage(<UsageSection entity="lab" mayManage={false} />);
  await user.click(await screen.findByRole("button", { name: "Set quota" }));
  const dialog = await screen.findByRole("dialog", { name: "Quota of lab" });
  await user.type(within(dialog).getByRole("textbox", { name: "Stored" }), "2000");
  await user.click(within(dialog).getByRole("button", { name: "Set quota" }));
  const stored = await screen.findByRole("meter", { name: "Stored" });
  expect(stored.getAttribute("aria-valuetext")).toBe("0 bytes of 2.0 TB");
  expect(screen.queryByRole("button", { name: /Set the quota of/ })).toBeNull();
});
