/** The wait for the server's answer about who is at the browser, or why it does not come. */

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { serverQuery } from "@/api/projects";
import type { ServerInfo } from "@/api/types";
import { PageFault } from "@/ui/signs/fault";
import { SkeletonRows } from "@/ui/signs/skeleton";
import "./account.css";

export function AccountFrame({ children }: { children(server: ServerInfo): ReactNode }) {
  const { data: server, error, refetch } = useQuery(serverQuery);
  if (error && !server)
    return <PageFault title="The account could not be read" error={error} onRetry={refetch} />;
  if (server) return children(server);
  return (
    <main className="account-page">
      <SkeletonRows n={4} label="Loading the account" />
    </main>
  );
}
