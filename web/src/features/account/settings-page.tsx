/** `/settings` and the pages below it: one's account, and for administrators the people of the server. */

import { useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useEffect } from "react";
import type { ServerInfo } from "@/api/types";
import { PageProblem } from "@/ui/signs/page-problem";
import { tellPageStatus } from "../page-status";
import { AccountFrame } from "./account-frame";
import { KeysSection } from "./keys/keys-section";
import { AuditSection } from "./server/audit-section";
import { PeopleSection } from "./server/people-section";
import { ServerCard, ServerSection } from "./server/server-section";
import { AccountSection } from "./settings/account-section";
import { AppearanceSection, BrowserCard } from "./settings/appearance-section";
import { SessionsSection } from "./settings/sessions-section";
import { SettingsFrame, SettingsHead } from "./settings-frame";
import { UsageSection } from "./usage/usage-section";
import { useIsAlone } from "./use-is-alone";

interface Section {
  readonly title: string;
  readonly isWide?: boolean;
  /** Who may open it. */
  readonly of: "account" | "admin" | "all";
  readonly render: (server: ServerInfo) => ReactNode;
}

const SECTIONS: Readonly<Record<string, Section>> = {
  "": { title: "Account", of: "account", render: () => <AccountSection /> },
  keys: { title: "Keys", of: "account", render: () => <KeysSection /> },
  sessions: { title: "Sessions", of: "account", render: () => <SessionsSection /> },
  usage: {
    title: "Usage",
    isWide: true,
    of: "account",
    render: ({ account }) => account && <UsageSection entity={account} mayManage />,
  },
  appearance: { title: "Appearance", of: "all", render: () => <AppearanceSection /> },
  people: { title: "People", isWide: true, of: "admin", render: () => <PeopleSection /> },
  audit: { title: "Audit", isWide: true, of: "all", render: () => <AuditSection /> },
  server: { title: "Server", of: "all", render: () => <ServerSection /> },
};

export function SettingsPage() {
  return <AccountFrame>{(server) => <Settings server={server} />}</AccountFrame>;
}

function Settings({ server }: { server: ServerInfo }) {
  const { section: key = "" }: { section?: string } = useParams({ strict: false });
  const isAlone = useIsAlone(server);
  if (isAlone === undefined) return null;
  if (isAlone) return key === "" ? <OwnServerPage server={server} /> : <NoSuchSection />;
  const section = SECTIONS[key === "" && server.account === null ? "people" : key];
  if (!section || (section.of === "account" && server.account === null)) return <NoSuchSection />;
  return (
    <SettingsFrame server={server} title={section.title} isWide={section.isWide}>
      {section.of === "admin" && !server.is_admin ? <AdministratorsOnly /> : section.render(server)}
    </SettingsFrame>
  );
}

/** For the person alone on a server of their own. */
function OwnServerPage({ server }: { server: ServerInfo }) {
  useEffect(() => tellPageStatus({ title: "Settings" }), []);
  return (
    <main className="account-page">
      <SettingsHead title="Settings" />
      <BrowserCard />
      <ServerCard server={server} />
    </main>
  );
}

function NoSuchSection() {
  useEffect(() => tellPageStatus({ title: "No such page" }), []);
  return (
    <PageProblem icon="search" title="There is no such page">
      <span>The address is wrong, or this server has no accounts.</span>
    </PageProblem>
  );
}

function AdministratorsOnly() {
  return (
    <div className="card no-rights">
      <PageProblem icon="lock" title="For administrators">
        <span>This page is for the administrators of this server. Ask one of them for what you need.</span>
      </PageProblem>
    </div>
  );
}
