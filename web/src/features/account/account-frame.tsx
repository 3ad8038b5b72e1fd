/**
 * The frame of both account pages: the wait for the server's answer, or why it does not come.
 */

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { serverQuery } from "@/api/projects";
import type { ServerInfo } from "@/api/types";
import { Button } from "@/ui/controls/button";
import { PageProblem } from "@/ui/signs/page-problem";
import { SkeletonRows } from "@/ui/signs/skeleton";
import "./account.css";

export function AccountFrame({ children }: { children(server: ServerInfo): ReactNode }) {
  const { data: server, error, refetch } = useQuery(serverQuery);
  if (error && !server) {
    return (
      <PageProblem icon="warn" title="The account could not be read">
        <span>{error.message}</span>
        <Button isSmall onClick={() => void refetch()}>
          Try again
        </Button>
      </PageProblem>
    );
  }
  return (
    <main className="account-page">
      {server ? children(server) : <SkeletonRows n={4} label="Loading the account" />}
    </main>
  );
}
