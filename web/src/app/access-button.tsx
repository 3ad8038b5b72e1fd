/** Opens the access of the project on the page; on a server without accounts there is no such button. */

import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { serverQuery } from "@/api/projects";
import type { ProjectRef } from "@/api/types";
import { IconButton } from "@/ui/controls/icon-button";

const AccessDialog = lazy(() =>
  import("@/features/people/access-dialog").then((file) => ({ default: file.AccessDialog })),
);

export function AccessButton({ project }: { project: ProjectRef }) {
  const hasAccount = useQuery({ ...serverQuery, select: (server) => server.account !== null }).data ?? false;
  const [isOpen, setOpen] = useState(false);
  if (!hasAccount) return null;
  return (
    <>
      <IconButton icon="lock" label="Who may see this project" isSmall onClick={() => setOpen(true)} />
      {isOpen && (
        <Suspense>
          <AccessDialog project={project} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
