/** Activity in a project. */

import { useParams } from "@tanstack/react-router";
import { useEffect } from "react";
import { projectActivityQuery } from "@/api/people/activity";
import { tellPageStatus } from "../page-status";
import { ActivityFeed } from "../people/activity-feed";
import "./activity-page.css";

export function ActivityPage() {
  const project = useParams({ from: "/$entity/$project/activity" });
  useEffect(() => tellPageStatus({ title: "Activity" }), []);
  return (
    <main className="activity-page">
      <h1>Activity</h1>
      <ActivityFeed
        query={projectActivityQuery(project)}
        emptyText="On a server with accounts, it tells who starts runs and how they end, who edits notes, views and versions."
      />
    </main>
  );
}
