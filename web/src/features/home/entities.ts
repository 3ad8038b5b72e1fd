/**
 * The entities of projects: one's own first, then those with most projects; without accounts, those
 * of the newest projects first.
 */

import { useQuery } from "@tanstack/react-query";
import { serverQuery } from "@/api/projects";
import type { Project } from "@/api/types";

export interface EntityCount {
  readonly name: string;
  readonly n: number;
}

export function useEntities(projects: readonly Project[]): readonly EntityCount[] {
  const { data: account = null } = useQuery({ ...serverQuery, select: (server) => server.account });
  return entitiesOf(projects, account);
}

/** @param own the name of one's own entity; null: one has none */
export function entitiesOf(projects: readonly Project[], own: string | null): readonly EntityCount[] {
  const counts = new Map<string, number>();
  for (const { entity } of projects) counts.set(entity, (counts.get(entity) ?? 0) + 1);
  const entities = [...counts].map(([name, n]) => ({ name, n }));
  if (own === null) return entities;
  return entities.sort((a, b) => Number(b.name === own) - Number(a.name === own) || b.n - a.n);
}
