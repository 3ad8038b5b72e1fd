/**
 * Where a version is linked: the versions of registries that point to it.
 */

import { Link } from "@tanstack/react-router";
import type { Artifact } from "@/api/artifacts";
import { MidName } from "@/ui/text/mid-name";
import { Tag } from "@/ui/text/tag";

export function LinkedCard({ artifact }: { artifact: Artifact }) {
  const { links, type } = artifact;
  if (links.length === 0) return null;
  return (
    <section className="card" aria-label="In registries">
      <h2>In registries</h2>
      <table className="data-table" aria-label="In registries">
        <tbody>
          {links.map(({ registry, name, version, aliases }) => (
            <tr key={`${registry}/${name}:${version}`}>
              <td>
                <Link
                  to="/registry/$registry/artifacts/$type/$artifact/$version"
                  params={{ registry, type, artifact: name, version }}
                  className="name"
                >
                  <MidName name={`${registry}/${name}:${version}`} />
                </Link>
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
