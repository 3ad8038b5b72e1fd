/** The links to registries that a run asked for, and why one was not made. */

import { Link } from "@tanstack/react-router";
import type { Schemas } from "@/api/types";
import { MidName } from "@/ui/text/mid-name";
import { Tag } from "@/ui/text/tag";

export function RunLinks({ links }: { links: readonly Schemas["RunLink"][] }) {
  return (
    <table className="data-table" aria-label="Linked">
      <tbody>
        {links.map((link) => (
          <tr key={`${link.source} ${link.target} ${link.state} ${link.version}`}>
            <td>
              <span className="row">
                <Target link={link} />
                {link.state === "failed" ? (
                  <span className="flag wrn ell" title={link.error ?? undefined}>
                    not linked: {link.error}
                  </span>
                ) : link.state === "awaited" ? (
                  <span className="flag">waits for its version</span>
                ) : (
                  link.aliases.map((alias) => <Tag key={alias}>{alias}</Tag>)
                )}
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Target({ link: { target, version } }: { link: Schemas["RunLink"] }) {
  const [, registry = "", artifact = ""] = target.split("/");
  if (version === null) return <MidName name={target} />;
  return (
    <Link
      to="/registry/$registry/artifacts/$type/$artifact/$version"
      params={{ registry, type: "-", artifact, version }}
      className="name"
    >
      <MidName name={`${registry}/${artifact}:${version}`} />
    </Link>
  );
}
