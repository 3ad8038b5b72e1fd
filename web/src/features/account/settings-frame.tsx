/**
 * The frame of all pages about people: at the left one's own pages, one's teams and the server's, on a phone above.
 */

import { useQuery } from "@tanstack/react-query";
import { Link, useLocation, useNavigate } from "@tanstack/react-router";
import { type ReactNode, useEffect, useMemo, useRef } from "react";
import { type Team, teamsQuery } from "@/api/people/teams";
import type { ServerInfo } from "@/api/types";
import { usePhone } from "@/ui/hooks/use-phone";
import { Avatar } from "@/ui/signs/avatar";
import { Icon, type IconName } from "@/ui/signs/icons";
import { tellPageStatus } from "../page-status";
import { KEYS_PATH, SERVER_SECTIONS, TEAM_SECTIONS, YOUR_SECTIONS } from "./sections";
import "./account.css";

interface Entry {
  readonly to: string;
  readonly search?: Readonly<Record<string, string>>;
  readonly icon: IconName;
  readonly label: string;
}

interface Group {
  readonly label: string;
  readonly team?: { readonly name: string; readonly display_name: string };
  readonly entries: readonly Entry[];
}

interface SettingsFrameProps {
  readonly server: ServerInfo;
  /** Of the page, in the top bar. */
  readonly title: string;
  /** The team whose pages are listed. */
  readonly team?: string;
  /** Tables use the whole width. */
  readonly isWide?: boolean;
  readonly children: ReactNode;
}

export function SettingsFrame({ server, title, team, isWide, children }: SettingsFrameProps) {
  useEffect(() => tellPageStatus({ title }), [title]);
  const groups = useGroups(server, team);
  const isNarrow = usePhone();
  return (
    <main className="settings">
      {isNarrow ? <NarrowNav groups={groups} /> : <WideNav groups={groups} />}
      <div className="settings-scroll">
        <div className={`settings-page ${isWide ? "wide" : ""}`}>{children}</div>
      </div>
    </main>
  );
}

function useGroups(server: ServerInfo, team: string | undefined): readonly Group[] {
  const { data } = useQuery(teamsQuery);
  return useMemo(() => {
    // the page's own team is listed before it is known which others there are
    const first = team === undefined ? [] : [{ name: team, display_name: "", role: null }];
    return groupsOf(server, team, data?.teams ?? first);
  }, [server, team, data]);
}

type ListedTeam = Pick<Team, "name" | "display_name" | "role">;

function groupsOf(
  server: ServerInfo,
  team: string | undefined,
  teams: readonly ListedTeam[],
): readonly Group[] {
  const own = teams.filter(({ name, role }) => role !== null || name === team);
  return [
    {
      label: "You",
      entries: YOUR_SECTIONS.filter(({ isOfAccount }) => !isOfAccount || server.account !== null).map(
        ({ icon, label, path }) => ({ icon, label, to: path }),
      ),
    },
    ...own.map(({ name, display_name }) => ({
      label: display_name || name,
      team: { name, display_name },
      entries: [
        ...(name === team ? TEAM_SECTIONS : TEAM_SECTIONS.slice(0, 1)).map(({ section, ...rest }) => ({
          ...rest,
          to:
            section === ""
              ? `/teams/${encodeURIComponent(name)}`
              : `/teams/${encodeURIComponent(name)}/${section}`,
        })),
        ...(name === team
          ? [{ icon: "doc" as const, label: "Reports", to: "/reports", search: { entity: name } }]
          : []),
      ],
    })),
    {
      label: "Server",
      entries: SERVER_SECTIONS.filter(({ isForAdmins }) => !isForAdmins || server.is_admin).map(
        ({ icon, label, path }) => ({ icon, label, to: path }),
      ),
    },
  ];
}

function WideNav({ groups }: { groups: readonly Group[] }) {
  const pathname = useLocation({ select: (location) => location.pathname });
  const isAuthorize = pathname === "/authorize";
  const nav = useRef<HTMLElement>(null);
  // with many teams, the page's own entry may be below what is in sight
  useEffect(() => {
    const current = groups.some(({ entries }) => entries.some(({ to }) => to === pathname));
    if (current) nav.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  }, [groups, pathname]);
  return (
    <nav className="settings-nav" aria-label="Settings" ref={nav}>
      {groups.map(({ label, team, entries }) => (
        <div role="group" key={team?.name ?? label} aria-label={label}>
          <h2 className="row">
            {team && <Avatar name={team.name} displayName={team.display_name} isTeam size="sm" />}
            <span className="ell" dir="auto">
              {label}
            </span>
          </h2>
          {entries.map(({ to, search, icon, label: name }) => (
            <Link
              key={to}
              to={to === KEYS_PATH && isAuthorize ? "/authorize" : to}
              search={search as never}
              activeOptions={EXACT}
            >
              <Icon name={icon} isSmall />
              {name}
            </Link>
          ))}
        </div>
      ))}
    </nav>
  );
}

/** Marked only on its own page, not on those below it. */
const EXACT = { exact: true, includeSearch: false };

function NarrowNav({ groups }: { groups: readonly Group[] }) {
  const pathname = useLocation({ select: (location) => location.pathname });
  const navigate = useNavigate();
  return (
    <nav className="settings-nav narrow" aria-label="Settings">
      <select
        className="btn"
        aria-label="Page"
        value={pathname === "/authorize" ? KEYS_PATH : pathname}
        onChange={({ target: { value: to } }) => {
          const search = groups.flatMap(({ entries }) => entries).find((entry) => entry.to === to)?.search;
          void navigate({ to, search: search as never });
        }}
      >
        {groups.map(({ label, team, entries }) => (
          <optgroup key={team?.name ?? label} label={label}>
            {entries.map(({ to, label: name }) => (
              <option key={to} value={to}>
                {team ? `${name} · ${label}` : name}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
    </nav>
  );
}

/** The head of a page: its title, one sentence, and its main action. */
export function SettingsHead(props: { title: ReactNode; children?: ReactNode; action?: ReactNode }) {
  const { title, children, action } = props;
  return (
    <header className="settings-head">
      <div>
        <h1>{title}</h1>
        {children && <p>{children}</p>}
      </div>
      {action}
    </header>
  );
}
