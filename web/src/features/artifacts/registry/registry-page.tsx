/**
 * The registry: what is released. Registries with their collections at the left, the chosen one next to them.
 */

import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { collectionsQuery } from "@/api/artifacts/artifacts";
import { type Registry, registriesQuery, registryRef } from "@/api/artifacts/registries";
import { formatCount, formatNoun } from "@/data/text/format";
import { Button } from "@/ui/controls/button";
import { EmptyState } from "@/ui/signs/empty-state";
import { PageFault } from "@/ui/signs/fault";
import { Icon } from "@/ui/signs/icons";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { MidName } from "@/ui/text/mid-name";
import { tellPageStatus } from "../../page-status";
import { VersionView } from "../version-view";
import { NewRegistry } from "./new-registry";
import { RegistryCollection } from "./registry-collection";
import { RegistryView } from "./registry-view";
import "@/ui/parts/parts.css";
import "../artifacts.css";
import "./registry.css";

interface Params {
  readonly registry?: string;
  readonly artifact?: string;
  readonly version?: string;
}

export function RegistryPage() {
  const { registry, artifact, version }: Params = useParams({ strict: false });
  const query = useQuery(registriesQuery);
  const title = artifact && version ? `${artifact}:${version}` : (artifact ?? null);
  useEffect(() => tellPageStatus({ title }), [title]);
  if (query.isError && !query.data)
    return (
      <PageFault title="The registries could not be listed" error={query.error} onRetry={query.refetch} />
    );
  const registries = query.data;
  if (registries?.length === 0) return <NoRegistries />;
  const chosen = registries?.find(({ name }) => name === registry);
  return (
    <main className="artifacts parts" aria-label="Registry">
      <Registries registries={registries ?? null} chosen={registry ?? null} collection={artifact ?? null} />
      {registry === undefined ? (
        <div className="part-main none">
          <EmptyState title="Choose a registry">Its collections are shown here.</EmptyState>
        </div>
      ) : registries && !chosen ? (
        <div className="part-main none">
          <EmptyState icon="warn" title="There is no such registry">
            {registry} was not found.
          </EmptyState>
        </div>
      ) : !chosen ? (
        <SkeletonRows n={8} height={28} />
      ) : !artifact ? (
        <RegistryView key={registry} registry={chosen} />
      ) : !version ? (
        <RegistryCollection key={artifact} registry={chosen} name={artifact} />
      ) : (
        <VersionView
          key={`${artifact}:${version}`}
          project={registryRef(registry)}
          name={artifact}
          version={version}
        />
      )}
    </main>
  );
}

function NoRegistries() {
  const [isMaking, setMaking] = useState(false);
  return (
    <main className="artifacts parts none" aria-label="Registry">
      <EmptyState
        icon="flag"
        title="Nothing is registered yet"
        action={
          <span className="row">
            <Link to="/docs/$document" params={{ document: "registry" } as never} className="btn">
              How to link a version
            </Link>
            <Button onClick={() => setMaking(true)}>New registry</Button>
          </span>
        }
      >
        A registry says which versions of models and datasets are in use, across all projects. The button Link
        on a version's page puts one here, and so does run.link_artifact(model, "model/digits").
      </EmptyState>
      <NewRegistry isOpen={isMaking} onClose={() => setMaking(false)} />
    </main>
  );
}

interface RegistriesProps {
  /** null: they are being asked for. */
  readonly registries: readonly Registry[] | null;
  readonly chosen: string | null;
  readonly collection: string | null;
}

function Registries({ registries, chosen, collection }: RegistriesProps) {
  const [isMaking, setMaking] = useState(false);
  return (
    <div className="part-side">
      <div className="part-head">
        <h2>Registries</h2>
        <span className="grow" />
        <Button isSmall look="quiet" icon="plus" onClick={() => setMaking(true)}>
          New
        </Button>
      </div>
      {registries === null ? (
        <SkeletonRows n={8} height={28} />
      ) : (
        <nav className="part-rows artifact-list registry-list" aria-label="Registries">
          {registries.map((registry) => (
            <div key={registry.name}>
              <Link
                to="/registry/$registry"
                params={{ registry: registry.name }}
                className="artifact-row registry-row plain"
                activeOptions={{ exact: true }}
                aria-current={registry.name === chosen && collection === null ? "page" : undefined}
              >
                <Icon name="flag" isSmall />
                <MidName name={registry.name} />
                <span className="muted tn">{formatCount(registry.n_collections)}</span>
              </Link>
              {registry.name === chosen && <Collections registry={registry.name} chosen={collection} />}
            </div>
          ))}
        </nav>
      )}
      {registries && (
        <footer className="part-foot muted tn">
          {formatNoun(
            registries.reduce((n, registry) => n + registry.n_versions, 0),
            "linked version",
          )}
        </footer>
      )}
      <NewRegistry isOpen={isMaking} onClose={() => setMaking(false)} />
    </div>
  );
}

function Collections({ registry, chosen }: { registry: string; chosen: string | null }) {
  const { data } = useQuery(collectionsQuery(registryRef(registry), ""));
  return data?.collections.map(({ name, type, latest }) => (
    <Link
      key={name}
      to="/registry/$registry/artifacts/$type/$artifact"
      params={{ registry, type, artifact: name }}
      className="artifact-row of-registry plain"
      aria-current={name === chosen ? "page" : undefined}
    >
      <Icon name="box" isSmall />
      <MidName name={name} />
      <span className="muted tn">{latest?.version ?? "empty"}</span>
    </Link>
  ));
}
