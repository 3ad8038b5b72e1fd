/** Who sees a project, as choices and as a mark. */

import type { ProjectAccess, Visibility } from "@/api/people/access";
import { Icon, type IconName } from "@/ui/signs/icons";

export const VISIBILITIES: readonly {
  readonly value: Visibility;
  readonly label: string;
  readonly icon: IconName;
  readonly meta: string;
}[] = [
  { value: "private", label: "Private", icon: "lock", meta: "its user or team" },
  { value: "restricted", label: "Restricted", icon: "key", meta: "people named in it" },
  { value: "open", label: "Open", icon: "people", meta: "all who are signed in" },
  { value: "public", label: "Public", icon: "globe", meta: "anyone, also without an account" },
];

export function VisibilityMark({ visibility, open_role }: Pick<ProjectAccess, "visibility" | "open_role">) {
  const { icon, label, meta } = VISIBILITIES.find(({ value }) => value === visibility)!;
  const isOpen = visibility === "open" || visibility === "public";
  return (
    <span className="row t2" title={`Seen by ${meta}`}>
      <Icon name={icon} isSmall />
      {label}
      {isOpen && open_role !== "viewer" && <span className="meta">all are {open_role}s</span>}
    </span>
  );
}
