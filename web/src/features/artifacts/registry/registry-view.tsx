/** One registry: its collections with their stages, and who may do what. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type Collection, collectionsQuery } from "@/api/artifacts/artifacts";
import { type Registry, registryRef } from "@/api/artifacts/registries";
import { formatCount } from "@/data/text/format";
import { Fault } from "@/ui/signs/fault";
import { Icon } from "@/ui/signs/icons";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { Ago } from "@/ui/text/ago";
import { MidName } from "@/ui/text/mid-name";
import { RegistryAccess } from "./registry-access";
import { Stage } from "./stage";

const LATEST = "latest";

export function RegistryView({ registry }: { registry: Registry }) {
  const query = useQuery(collectionsQuery(registryRef(registry.name), ""));
  const collections = query.data?.collections;
  return (
    <section className="part-main" aria-label={registry.name}>
      <header className="part-head artifact-head">
        <Icon name="flag" isSmall />
        <h2>
          <MidName name={registry.name} />
        </h2>
        <span className="muted">you are {registry.role === "admin" ? "an admin" : `a ${registry.role}`}</span>
      </header>
      <div className="artifact-body">
        {registry.description && <p className="registry-about">{registry.description}</p>}
        <section className="card" aria-label="Collections">
          <h2>
            Collections {collections && <span className="count tn">{formatCount(collections.length)}</span>}
          </h2>
          {query.isError ? (
            <Fault title="The collections could not be listed" error={query.error} />
          ) : !collections ? (
            <SkeletonRows n={4} height={30} />
          ) : collections.length === 0 ? (
            <p className="card-none">
              Nothing is linked here yet. The button Link on a version's page does it, and in a script
              run.link_artifact(model, "{registry.name}/NAME").
            </p>
          ) : (
            <CollectionTable registry={registry} collections={collections} />
          )}
        </section>
        <RegistryAccess registry={registry} />
      </div>
    </section>
  );
}

interface CollectionTableProps {
  readonly registry: Registry;
  readonly collections: readonly Collection[];
}

function CollectionTable({ registry, collections }: CollectionTableProps) {
  return (
    <table className="data-table registry-collections" aria-label="Collections">
      <thead>
        <tr>
          <th>Name</th>
          <th className="type">Type</th>
          <th className="stages">Stages</th>
          <th className="number few">Versions</th>
          <th className="number when">Last linked</th>
        </tr>
      </thead>
      <tbody>
        {collections.map(({ name, type, aliases, n_versions: nVersions, latest }) => (
          <tr key={name}>
            <td>
              <Link
                to="/registry/$registry/artifacts/$type/$artifact"
                params={{ registry: registry.name, type, artifact: name }}
                className="name"
              >
                <MidName name={name} />
              </Link>
            </td>
            <td className="t2">{type}</td>
            <td>
              <span className="row">
                {Object.entries(aliases)
                  .filter(([alias]) => alias !== LATEST)
                  .map(([alias, version]) => (
                    <Stage
                      key={alias}
                      alias={alias}
                      version={version}
                      isProtected={registry.protected_aliases.includes(alias)}
                    />
                  ))}
              </span>
            </td>
            <td className="number">{formatCount(nVersions)}</td>
            <td className="number t2">{latest && <Ago micros={latest.created_micros} suffix=" ago" />}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
