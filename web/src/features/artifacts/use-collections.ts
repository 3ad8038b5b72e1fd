/** The collections of a project that a typed text finds, by their name or by what describes them. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type Collection, collectionsQuery } from "@/api/artifacts/artifacts";
import type { ProjectRef } from "@/api/types";
import { useSettled } from "@/ui/hooks/use-settled";

export interface CollectionSearch {
  readonly typed: string;
  /** The search of `collections`. */
  readonly search: string;
  /** null: they are being asked for. */
  readonly collections: readonly Collection[] | null;
  readonly error: Error | null;
  onType(text: string): void;
  onRetry(): void;
}

export function useCollections(project: ProjectRef): CollectionSearch {
  const [typed, setTyped] = useState("");
  const search = useSettled(typed.trim());
  const query = useQuery(collectionsQuery(project, search));
  return {
    typed,
    search,
    collections: query.data?.collections ?? null,
    error: query.data ? null : query.error,
    onType: setTyped,
    onRetry: () => void query.refetch(),
  };
}
