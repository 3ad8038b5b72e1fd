// @vitest-environment jsdom
import { cleanup, screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { renderPage } from "@/testing/render";
import { AS_VIEWER, FakeServer } from "@/testing/server";
import { MembersSection } from "./members-section";
import { ServiceAccountsSection } from "./service-accounts-section";
import { TeamPage } from "./team-page";
import { TeamSettingsSection } from "./team-settings-section";

const TEAM = {
  name: "lab",
  display_name: "The lab",
  description: "Two lines:\n- of text",
  created_micros: 0,
  default_visibility: "private",
  is_closed: false,
  trashed_micros: null,
  n_members: 3,
  n_projects: 1,
  role: "admin",
} as const;

function member(user: string, part: object = {}) {
  return {
    user,
    display_name: "",
    role: "member",
    joined_micros: 0,
    is_disabled: false,
    is_service_account: false,
    seen_micros: null,
    ...part,
  } as const;
}

const MEMBERS = [
  member("ada", { role: "admin", display_name: "دکتر آدا" }),
  member("eve", { is_disabled: true }),
  member("night-eval", { is_service_account: true }),
];
const DETAILS = { team: TEAM, members: MEMBERS };

function serve(): FakeServer {
  const server = new FakeServer([]);
  server.on("GET", "/server", () => ({ account: "ada", is_admin: false }));
  server.on("GET", "/teams", () => ({ teams: [], may_create: false }));
  server.on("GET", "/teams/lab", () => DETAILS);
  server.on("GET", "/usage/lab", () => ({ people: [] }));
  server.on("GET", "/invitations", () => ({ invitations: [] }));
  server.on("GET", "/keys", () => ({ keys: [] }));
  server.on("GET", "/teams/lab/service-accounts", () => ({
    service_accounts: [{ name: "night-eval", created_micros: 0 }],
  }));
  for (const path of ["/teams/lab/service-accounts/night-eval", "/teams/lab/members/eve"])
    server.on("DELETE", path, () => new Response(null, { status: 204 }));
  return server;
}

function removals(server: FakeServer): string[] {
  return server.requests.filter(({ method }) => method === "DELETE").map(({ path }) => path);
}

test("a service account is deleted where the keys are", async () => {
  const server = serve();
  const { user } = await renderPage(<ServiceAccountsSection details={DETAILS} mayManage />);
  await user.click(await screen.findByRole("button", { name: "Delete night-eval" }));
  await user.click(await screen.findByRole("button", { name: "Delete account" }));
  const account = "/teams/lab/service-accounts/night-eval";
  await waitFor(() => expect(removals(server)).toEqual([account]));
});

test("the list of members deletes a service account, and removes a user", async () => {
  const server = serve();
  const { user } = await renderPage(<MembersSection details={DETAILS} mayManage />);
  const row = await screen.findByRole("row", { name: /^eve/ });
  expect(within(row).getByText("disabled")).toBeTruthy();
  expect(within(screen.getByRole("row", { name: /آدا/ })).getByText("دکتر آدا").dir).toBe("auto");
  for (const [name, item, action] of [
    ["night-eval", "Delete the service account", "Delete account"],
    ["eve", "Remove from the team", "Remove"],
  ] as const) {
    await user.click(screen.getByRole("button", { name: `More of ${name}` }));
    await user.click(await screen.findByRole("menuitem", { name: item }));
    await user.click(await screen.findByRole("button", { name: action }));
  }
  await waitFor(() =>
    expect(removals(server)).toEqual(["/teams/lab/service-accounts/night-eval", "/teams/lab/members/eve"]),
  );
});

test("a description keeps its lines; those who may not change it read it as text", async () => {
  const server = serve();
  server.on("PATCH", "/teams/lab", ({ body }) => ({ ...DETAILS, team: { ...TEAM, ...body } }));
  const { user } = await renderPage(<TeamSettingsSection details={DETAILS} mayManage />);
  const field = (await screen.findByRole("textbox", { name: "Description" })) as HTMLTextAreaElement;
  expect(field.value).toBe(TEAM.description);
  await user.type(field, "{Enter}- and a third{Control>}{Enter}{/Control}");
  const description = `${TEAM.description}\n- and a third`;
  await waitFor(() => expect(server.bodies("PATCH", "/teams/lab")).toEqual([{ description }]));
});

test("a viewer reads the settings of a team as text", async () => {
  serve();
  await renderPage(<TeamSettingsSection details={DETAILS} mayManage={false} />);
  expect((await screen.findByText(/Two lines:/)).textContent).toBe(TEAM.description);
  expect(screen.queryByRole("textbox")).toBeNull();
});

const USAGE = {
  entity: "lab",
  n_runs: 3,
  n_bytes: 9,
  quota_bytes: null,
  quota_runs: null,
  warning: null,
  projects: [
    {
      project: "vision",
      n_runs: 3,
      n_bytes: 9,
      metric_bytes: 9,
      file_bytes: 0,
      artifact_bytes: 0,
      trash_bytes: 0,
      quota_bytes: null,
      quota_runs: null,
    },
  ],
  people: [],
  weeks: [],
};

function serveView(seen_as: typeof AS_VIEWER | null): void {
  const server = serve();
  server.on("GET", "/server", () => ({ account: "ada", is_admin: false, seen_as }));
  server.on("GET", "/usage/lab", () => USAGE);
}

test.each([
  ["", "The lab", /^More of/],
  ["service-accounts", "Service accounts", /^New service account/],
  ["usage", "Usage", /^Set the quota/],
  ["settings", "Settings", /^Delete team/],
])(
  "a team's page %s has no control that changes it while an admin looks as a viewer",
  async (section, heading, name) => {
    const page = {
      path: `/teams/lab${section && `/${section}`}`,
      route: section ? "/teams/$team/$section" : "/teams/$team",
    };
    serveView(null);
    await renderPage(<TeamPage />, page);
    await screen.findAllByRole("button", { name });
    cleanup();
    serveView(AS_VIEWER);
    await renderPage(<TeamPage />, page);
    await screen.findByRole("heading", { level: 1, name: new RegExp(heading) });
    await waitFor(() => expect(screen.queryByLabelText(/^Loading/)).toBeNull());
    expect(screen.queryAllByRole("button", { name })).toEqual([]);
  },
);

test("a team's page leads to the reports of its projects", async () => {
  serve().on("GET", "/teams", () => ({ teams: [TEAM], may_create: false }));
  await renderPage(<TeamPage />, { path: "/teams/lab", route: "/teams/$team" });
  const link = await screen.findByRole<HTMLAnchorElement>("link", { name: "Reports" });
  expect(link.pathname + link.search).toBe("/reports?entity=lab");
});
