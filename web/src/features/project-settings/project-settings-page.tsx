/** `/ENTITY/PROJECT/settings`: what a project is about, who sees it, and what of it goes by itself. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useState } from "react";
import { accessQuery } from "@/api/people/access";
import { describeProject, projectQuery, projectsQuery, serverQuery } from "@/api/projects";
import type { ProjectRef } from "@/api/types";
import { Button } from "@/ui/controls/button";
import { tellPageStatus } from "../page-status";
import { SettingRow, TextSetting } from "../people/setting-row";
import { VisibilityMark } from "../people/visibility";
import { RetentionCard } from "./retention-card";
import "./project-settings.css";

const AccessDialog = lazy(() =>
  import("../people/access-dialog").then((file) => ({ default: file.AccessDialog })),
);

export function ProjectSettingsPage() {
  const project = useParams({ from: "/$entity/$project/settings" });
  useEffect(() => tellPageStatus({ title: "Settings" }), []);
  const { data: server } = useQuery(serverQuery);
  const hasAccounts = server !== undefined && server.account !== null;
  const { data: access } = useQuery({ ...accessQuery(project), enabled: hasAccounts });
  const role = hasAccounts ? access?.role : server && "admin";
  return (
    <main className="project-settings">
      <h1>Settings</h1>
      <General project={project} mayWrite={role === "admin" || role === "member"} hasAccounts={hasAccounts} />
      <RetentionCard project={project} mayManage={role === "admin"} />
    </main>
  );
}

interface GeneralProps {
  readonly project: ProjectRef;
  readonly mayWrite: boolean;
  readonly hasAccounts: boolean;
}

function General({ project, mayWrite, hasAccounts }: GeneralProps) {
  const client = useQueryClient();
  const { data } = useQuery(projectQuery(project));
  const { data: access } = useQuery({ ...accessQuery(project), enabled: hasAccounts });
  const [isAccessOpen, setAccessOpen] = useState(false);
  const describe = async (text: string) => {
    client.setQueryData(projectQuery(project).queryKey, await describeProject(project, text || null));
    await client.invalidateQueries({ queryKey: projectsQuery.queryKey });
  };
  return (
    <section className="card" aria-label="General">
      <h2>General</h2>
      <SettingRow name="Name" hint="in links and scripts">
        <span className="mono">
          {project.entity}/{project.project}
        </span>
      </SettingRow>
      <TextSetting
        name="Description"
        value={data?.description ?? ""}
        placeholder="none"
        isLong
        isDisabled={!mayWrite}
        save={describe}
      />
      {access && (
        <SettingRow
          name="Seen by"
          act={
            <Button isSmall onClick={() => setAccessOpen(true)}>
              Access
            </Button>
          }
        >
          <VisibilityMark {...access} />
        </SettingRow>
      )}
      {isAccessOpen && (
        <Suspense>
          <AccessDialog project={project} onClose={() => setAccessOpen(false)} />
        </Suspense>
      )}
    </section>
  );
}
