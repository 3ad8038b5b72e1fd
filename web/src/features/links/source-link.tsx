/** The source of a registry's version: a link to the version in its project. */

import { Link } from "@tanstack/react-router";
import type { Artifact } from "@/api/artifacts/artifacts";
import { MidName } from "@/ui/text/mid-name";

export function SourceLink({ artifact }: { artifact: Artifact }) {
  const { source } = artifact;
  if (!source) return null;
  if (source.is_hidden) return <span className="muted">a version of a project you can't see</span>;
  const { entity, project, name, version } = source;
  return (
    <Link
      to="/$entity/$project/artifacts/$type/$artifact/$version"
      params={{ entity, project, type: artifact.type, artifact: name, version }}
      className="plain"
    >
      <MidName name={`${entity}/${project}/${name}:${version}`} />
    </Link>
  );
}
