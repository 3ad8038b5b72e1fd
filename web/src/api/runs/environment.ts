/** The environment that a run recorded: its metadata, and its files of packages, patches and code. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { Noted } from "@/data/environment/environment";
import { requestJson, runPath } from "../client";
import type { FileList, StoredFile } from "../files/files";
import type { ProjectRef, Run } from "../types";

export interface RunEnvironment {
  /** Notes of the script when it began; null: none. */
  readonly noted: Noted | null;
  /** Facts gathered a second later. */
  readonly gathered: Noted | null;
  readonly packages: StoredFile | null;
  /** Against the last commit, and against the last one of the upstream branch. */
  readonly patches: readonly StoredFile[];
  readonly code: readonly StoredFile[];
}

const MOST_FILES = 100;

/** Asked again once the run has ended, as the script adds to its metadata then. */
export function environmentQuery(ref: ProjectRef, { id, state }: Run) {
  const path = `${runPath(ref, id)}/files`;
  return queryOptions({
    queryKey: ["run-detail", ref.entity, ref.project, id, "environment", state === "running"] as const,
    queryFn: async ({ signal }): Promise<RunEnvironment> => {
      const listed = async (prefix: string) => {
        const query = new URLSearchParams({ prefix, limit: String(MOST_FILES) });
        return (await requestJson<FileList>(`${path}?${query}`, { signal })).files;
      };
      // by name, as a run may have thousands of files
      const [metadata, ofWandb, environment, packages, patches, code] = await Promise.all(
        ["metadata.json", "wandb-metadata.json", "environment.json", "requirements.txt", "diff", "code/"].map(
          listed,
        ),
      );
      const read = async (files: readonly StoredFile[], name: string): Promise<Noted | null> => {
        const isStored = files.some((file) => file.path === name && file.state === "stored");
        return isStored ? requestJson<Noted>(`${path}/${name}`, { signal }) : null;
      };
      const [noted, notedByWandb, gathered] = await Promise.all([
        read(metadata!, "metadata.json"),
        read(ofWandb!, "wandb-metadata.json"),
        read(environment!, "environment.json"),
      ]);
      return {
        noted: noted ?? notedByWandb,
        gathered,
        packages: packages!.find((file) => file.path === "requirements.txt") ?? null,
        patches: patches!.filter((file) => /^diff(_upstream)?\.patch$/.test(file.path)),
        code: code!,
      };
    },
    placeholderData: keepPreviousData,
  });
}
