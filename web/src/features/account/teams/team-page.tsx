/**
 * `/teams/NAME` and the pages below it: members, service accounts, projects, usage and settings of a team.
 */

import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { type ReactNode, useEffect } from "react";
import { ApiError, isForbidden } from "@/api/client";
import { teamQuery } from "@/api/people/teams";
import type { ServerInfo } from "@/api/types";
import { Avatar } from "@/ui/signs/avatar";
import { Fault } from "@/ui/signs/fault";
import { PageProblem } from "@/ui/signs/page-problem";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { tellPageStatus } from "../../page-status";
import { useMayChange } from "../../use-rights";
import { AccountFrame } from "../account-frame";
import { SettingsFrame } from "../settings-frame";
import { UsageSection } from "../usage/usage-section";
import { useIsAlone } from "../use-is-alone";
import { MembersSection } from "./members-section";
import { ServiceAccountsSection } from "./service-accounts-section";
import { TeamActivity } from "./team-activity";
import type { TeamSectionProps } from "./team-head";
import { TeamProjectsSection } from "./team-projects-section";
import { TeamSettingsSection } from "./team-settings-section";

const SECTIONS: Readonly<Record<string, { title: string; render(props: TeamSectionProps): ReactNode }>> = {
  "": { title: "Members", render: (props) => <MembersSection {...props} /> },
  "service-accounts": {
    title: "Service accounts",
    render: (props) => <ServiceAccountsSection {...props} />,
  },
  activity: { title: "Activity", render: ({ details }) => <TeamActivity team={details.team} /> },
  projects: { title: "Projects", render: (props) => <TeamProjectsSection {...props} /> },
  usage: {
    title: "Usage",
    render: ({ details, mayManage }) => <UsageSection entity={details.team.name} mayManage={mayManage} />,
  },
  settings: { title: "Settings", render: (props) => <TeamSettingsSection {...props} /> },
};

export function TeamPage() {
  return <AccountFrame>{(server) => <TeamOf server={server} />}</AccountFrame>;
}

function TeamOf({ server }: { server: ServerInfo }) {
  const { team = "", section: key = "" }: { team?: string; section?: string } = useParams({ strict: false });
  const section = SECTIONS[key];
  const isAlone = useIsAlone(server);
  if (isAlone === undefined) return null;
  if (!section || isAlone) return <NoSuchTeam name={team} />;
  return (
    <SettingsFrame server={server} title={`${section.title} · ${team}`} team={team} isWide>
      <TeamContent key={team} name={team} server={server} section={key} />
    </SettingsFrame>
  );
}

interface TeamContentProps {
  readonly name: string;
  readonly server: ServerInfo;
  /** A key of `SECTIONS`. */
  readonly section: string;
}

function TeamContent({ name, server, section }: TeamContentProps) {
  const mayChange = useMayChange();
  const { data: details, error, refetch } = useQuery(teamQuery(name));
  if (error && !details) {
    const isHidden = isForbidden(error) || (error instanceof ApiError && error.status === 404);
    if (isHidden) return <NoSuchTeam name={name} />;
    return (
      <section className="card">
        <Fault title="The team could not be read" error={error} onRetry={refetch} />
      </section>
    );
  }
  if (!details)
    return (
      <section className="card">
        <SkeletonRows n={5} label="Loading the team" height={37} />
      </section>
    );
  const { display_name, role } = details.team;
  return (
    <>
      {section !== "" && (
        <p className="row team-line">
          <Avatar name={name} displayName={display_name} isTeam size="sm" />
          <Link to="/teams/$team" params={{ team: name }} className="ell" dir="auto">
            {display_name || name}
          </Link>
        </p>
      )}
      {SECTIONS[section]?.render({ details, mayManage: mayChange && (server.is_admin || role === "admin") })}
    </>
  );
}

function NoSuchTeam({ name }: { name: string }) {
  useEffect(() => tellPageStatus({ title: "No such team" }), []);
  return (
    <PageProblem icon="lock" title="There is no such team, or you may not see it">
      <span>
        Only members see the page of <b>{name}</b>. To join it, ask one of its admins for an invitation.
      </span>
      <Link to="/" search={{ view: "projects" }} className="btn sm">
        Go to your projects
      </Link>
    </PageProblem>
  );
}
