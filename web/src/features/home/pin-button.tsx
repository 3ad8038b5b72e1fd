/** A star that keeps a project at the top. */

import { projectId } from "@/api/projects";
import type { ProjectRef } from "@/api/types";
import { Icon } from "@/ui/signs/icons";
import { usePinnedProjects } from "./pinned-projects";

export function PinButton({ project }: { project: ProjectRef }) {
  const id = projectId(project);
  const isPinned = usePinnedProjects((state) => state.ids.includes(id));
  const flip = usePinnedProjects((state) => state.flip);
  return (
    <button
      type="button"
      className={`eye star ${isPinned ? "on" : ""}`}
      aria-pressed={isPinned}
      aria-label={`Keep ${project.project} at the top`}
      title={isPinned ? "At the top here; click to let it go" : "Keep at the top"}
      onClick={() => flip(id)}
    >
      <Icon name="star" />
    </button>
  );
}
