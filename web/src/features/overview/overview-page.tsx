/** `/{entity}/{project}/overview`: what a project is about, and ways to its reports, views and runs. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useEffect, useMemo } from "react";
import { projectActivityQuery } from "@/api/people/activity";
import { describeProject, projectQuery, projectsQuery } from "@/api/projects";
import type { Project, ProjectRef } from "@/api/types";
import { formatCount, formatNoun } from "@/data/text/format";
import { ProseCard } from "@/ui/cards/prose-card";
import { attempt } from "@/ui/overlays/toasts";
import { PageFault } from "@/ui/signs/fault";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { Ago } from "@/ui/text/ago";
import { tellPageStatus } from "../page-status";
import { ActivityFeed } from "../people/activity-feed";
import { useHasAccounts } from "../person";
import { useRights } from "../use-rights";
import { RunsCard, StarredRunsCard, ViewsCard } from "./overview-cards";
import { PinnedReportsCard, ReportsCard } from "./report-cards";
import "./overview.css";

export function OverviewPage() {
  const { entity, project } = useParams({ from: "/$entity/$project/overview" });
  const ref = useMemo(() => ({ entity, project }), [entity, project]);
  const { data, error, refetch } = useQuery(projectQuery(ref));
  useEffect(() => tellPageStatus({ title: "Overview" }), []);
  if (error && !data)
    return <PageFault title="The project could not be read" error={error} onRetry={refetch} />;
  if (!data) return <SkeletonRows n={10} label="Loading the project" />;
  return <Overview project={data} />;
}

function Overview({ project }: { project: Project }) {
  const { mayWrite } = useRights(project);
  const hasAccounts = useHasAccounts();
  return (
    <main className="overview" aria-label="Overview">
      <header>
        <h1 className="ell">{project.project}</h1>
        <span className="meta tn">
          {formatNoun(project.n_runs, "run")}
          {project.n_running > 0 && `, ${formatCount(project.n_running)} running`}
          {", active "}
          <Ago micros={project.active_micros} suffix=" ago" />
        </span>
      </header>
      <div className="overview-grid">
        <div>
          <Description project={project} mayWrite={mayWrite} />
          <PinnedReportsCard project={project} />
          <ReportsCard project={project} />
          {hasAccounts && (
            <div className="overview-activity">
              <ActivityFeed
                query={projectActivityQuery(project)}
                emptyText="It tells who starts runs and how they end, who edits notes, views and versions, and what is published."
              />
            </div>
          )}
        </div>
        <div>
          <StarredRunsCard project={project} />
          <RunsCard project={project} />
          <ViewsCard project={project} />
        </div>
      </div>
    </main>
  );
}

interface DescriptionProps {
  readonly project: Project & ProjectRef;
  readonly mayWrite: boolean;
}

function Description({ project, mayWrite }: DescriptionProps) {
  const client = useQueryClient();
  const save = (text: string) =>
    void attempt("The description was not saved", async () => {
      client.setQueryData(projectQuery(project).queryKey, await describeProject(project, text || null));
      await client.invalidateQueries({ queryKey: projectsQuery.queryKey });
    });
  return (
    <ProseCard
      title="Description"
      text={project.description ?? ""}
      placeholder="What the project is about: the question, the data, where to begin. In Markdown."
      onSave={mayWrite ? save : undefined}
    />
  );
}
