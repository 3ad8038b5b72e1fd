/** The links to a version: versions of registries and projects that point to it. */

import { Link } from "@tanstack/react-router";
import type { Artifact } from "@/api/artifacts/artifacts";
import { MidName } from "@/ui/text/mid-name";
import { Tag } from "@/ui/text/tag";

export function LinkedCard({ artifact }: { artifact: Artifact }) {
  const { links, type } = artifact;
  if (links.length === 0) return null;
  return (
    <section className="card" aria-label="Links">
      <h2>Links</h2>
      <table className="data-table" aria-label="Links">
        <tbody>
          {links.map(({ entity, project, name, version, aliases }) => (
            <tr key={`${entity}/${project}/${name}:${version}`}>
              <td>
                {entity === "registry" ? (
                  <Link
                    to="/registry/$registry/artifacts/$type/$artifact/$version"
                    params={{ registry: project, type, artifact: name, version }}
                    className="name"
                  >
                    <MidName name={`${project}/${name}:${version}`} />
                  </Link>
                ) : (
                  <Link
                    to="/$entity/$project/artifacts/$type/$artifact/$version"
                    params={{ entity, project, type, artifact: name, version }}
                    className="name"
                  >
                    <MidName name={`${entity}/${project}/${name}:${version}`} />
                  </Link>
                )}
              </td>
              <td>
                <span className="row">
                  {aliases.map((alias) => (
                    <Tag key={alias}>{alias}</Tag>
                  ))}
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
