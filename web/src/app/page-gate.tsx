/**
 * Replaces a page that its reader may not see by one text that says so, and a way out. The page then asks the server
 * for nothing else.
 *
 * The page is loaded together with the answer whether it may be shown, so that the answer delays no chart.
 */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useEffect } from "react";
import { create } from "zustand";
import { ApiError, isForbidden, isSignedOut } from "@/api/client";
import { projectQuery, serverQuery } from "@/api/projects";
import type { ProjectRef, ServerInfo } from "@/api/types";
import { tellPageStatus } from "@/features/page-status";
import { Button } from "@/ui/controls/button";
import { PageProblem } from "@/ui/signs/page-problem";
import { OWN_ENTITY } from "./own-entity";
import { type ProjectPage, usePageRoute } from "./page-route";

/** Whether the server answered a query with 401 since the app was loaded. */
const useSignedOut = create<boolean>(() => false);

/** For all queries of the app: note a refusal that concerns every page. */
export function noteRefusal(error: unknown): void {
  if (isSignedOut(error)) useSignedOut.setState(true, true);
}

export function PageGate({ children }: { children: ReactNode }) {
  const { project, page } = usePageRoute();
  const isOut = useSignedOut();
  // documents are open to everyone
  if (isOut && page !== "docs") return <SignedOutPage />;
  if (project === null) return children;
  return (
    <ProjectGate key={`${project.entity}/${project.project}`} project={project} page={page}>
      {children}
    </ProjectGate>
  );
}

/** Pages that wait for the first run of a project. */
const AWAITING: ReadonlySet<ProjectPage> = new Set(["workspace", "runs"]);

/** Milliseconds between two looks whether a project that was missing is there. */
const LOOK_MS = 5_000;

interface ProjectGateProps {
  readonly project: ProjectRef;
  readonly page: ProjectPage;
  readonly children: ReactNode;
}

function ProjectGate({ project, page, children }: ProjectGateProps) {
  const isAwaiting = AWAITING.has(page);
  const { error } = useQuery({
    ...projectQuery(project),
    refetchInterval: ({ state }) => isAwaiting && isMissing(state.error) && LOOK_MS,
  });
  const { data: server } = useQuery(serverQuery);
  if (isForbidden(error)) {
    if (server === undefined) return null;
    // `local` stands for the reader's own entity, which the address is about to name
    const isNamed = project.entity !== OWN_ENTITY || server.entity === OWN_ENTITY;
    return isNamed ? <ForbiddenProject project={project} server={server} error={error} /> : children;
  }
  // a run may have been moved out of a project that is deleted
  if (!isMissing(error) || page === "run") return children;
  if (!isAwaiting) return <MissingProject project={project} />;
  if (server === undefined) return null;
  // of another's project, what is hidden and what is not there yet look alike
  const isOwn = server.account === null || project.entity === OWN_ENTITY || project.entity === server.entity;
  return isOwn ? children : <MissingProject project={project} isAwaiting />;
}

function isMissing(error: Error | null): boolean {
  return error instanceof ApiError && error.status === 404;
}

function ForbiddenProject(props: { project: ProjectRef; server: ServerInfo; error: Error | null }) {
  const { project, server, error } = props;
  const { entity, project: name } = project;
  // those who are not in a team can't list it: the refusal alone says that it is one
  const isTeam = error?.message.includes(`belongs to the team ${entity}`) === true;
  useEffect(() => tellPageStatus({ title: "Not allowed" }), []);
  return (
    <PageProblem icon="lock" title="You may not see this project">
      <span>
        <b>
          {entity} / {name}
        </b>{" "}
        {isTeam ? `belongs to the team ${entity}` : "is not shared with you, or does not exist"}
        {server.account !== null && <>, and you are signed in as {server.account}</>}. For what is in it, ask{" "}
        {isTeam && "an admin of "}
        {entity} or an administrator of this server.
      </span>
      <YourProjects entity={server.entity} />
    </PageProblem>
  );
}

function MissingProject({ project, isAwaiting = false }: { project: ProjectRef; isAwaiting?: boolean }) {
  const { entity, project: name } = project;
  useEffect(() => tellPageStatus({ title: "No such project" }), []);
  return (
    <PageProblem icon="search" title="There is no such project">
      <span>
        <b>
          {entity} / {name}
        </b>{" "}
        was not found: {isAwaiting && "nothing has been logged in it yet, it is not shared with you, "}
        the link is wrong, or the project was deleted. A deleted project stays in the{" "}
        <Link to="/trash">trash</Link> for a while.
      </span>
      <YourProjects entity={entity} />
    </PageProblem>
  );
}

function YourProjects({ entity }: { entity: string }) {
  return (
    <Link to="/" search={{ view: "projects", entity }} className="btn sm">
      Go to your projects
    </Link>
  );
}

function SignedOutPage() {
  useEffect(() => tellPageStatus({ title: "Signed out" }), []);
  return (
    <PageProblem icon="key" title="You are signed out">
      <span>
        This browser's sign-in has ended: it was signed out, its key was changed, or its account was removed.
        After signing in you are back on this page.
      </span>
      {/* the sign-in page comes from the server, at any address */}
      <Button isSmall onClick={() => window.location.reload()}>
        Sign in
      </Button>
    </PageProblem>
  );
}
