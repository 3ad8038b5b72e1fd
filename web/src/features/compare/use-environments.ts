import { useQueries } from "@tanstack/react-query";
import { useMemo } from "react";
import { contentQuery } from "@/api/files/media";
import { environmentQuery, type RunEnvironment } from "@/api/runs/environment";
import type { ProjectRef, Run } from "@/api/types";
import { type ComparedEnvironment, type ComparedPart, Unknown } from "@/data/compare/compare-runs";
import { codeName } from "@/data/environment/code-files";
import { environmentOf, isRecorded } from "@/data/environment/environment";
import { packageVersions } from "@/data/environment/packages";
import { formatBytes } from "@/data/text/format";

const NO_FILE = { path: "", url: "", n_bytes: 0 };
const HASH_CHARS = 8;

/**
 * The environment of each compared run, in order: its packages, code, commit and machine; null: it is not known yet, or can't
 * be read.
 */
export function useEnvironments(
  project: ProjectRef,
  runs: readonly Run[],
): readonly (ComparedEnvironment | null)[] {
  const stored = useQueries({
    queries: runs.map((run) => environmentQuery(project, run)),
    combine: (answers) => answers.map(({ data }) => data),
  });
  const packages = useQueries({
    queries: runs.map((_, i) => {
      const file = stored[i]?.packages;
      return contentQuery(file?.state === "stored" ? file : NO_FILE, "text", (answer) => answer.text());
    }),
    combine: (answers) => answers.map(({ data, isError }) => (isError ? "" : data)),
  });
  return useMemo(
    () =>
      runs.map((run, i) => {
        const environment = stored[i];
        const text = packages[i];
        const isComplete = environment?.packages?.state !== "stored" || text !== undefined;
        return environment && isComplete ? comparedEnvironment(run, environment, text ?? "") : null;
      }),
    [runs, stored, packages],
  );
}

const NOT_RECORDED = new Unknown("not recorded");
const NOT_SENT = new Unknown("not sent yet");

function comparedEnvironment(run: Run, stored: RunEnvironment, packages: string): ComparedEnvironment {
  const { gathered } = stored;
  const { machine, git, command, folder } = environmentOf(stored.noted ?? {}, gathered ?? {}, run.host);
  const facts: readonly (readonly [string, string | null])[] = [
    ["Commit", git.commit && `${git.commit}${git.isDirty ? " with changes" : ""}`],
    ["Branch", git.branch],
    ["Repository", git.remote],
    ["Command", command],
    ["Folder", folder],
    ...machine.map(({ name, text }) => [name, text] as const),
  ];
  const code = [...stored.code, ...stored.patches];
  // Of these the script itself notes less, so that the same machine would seem to be another one.
  const isPartial = stored.noted?.weft !== undefined && !isRecorded("machine", gathered, false);
  const isHalfKnown = (name: string) => isPartial && (name === "System" || name === "CPU");
  return {
    packages: part(packageVersions(packages), () => {
      if (stored.packages && stored.packages.state !== "stored") return NOT_SENT;
      return isRecorded("packages", gathered, stored.packages !== null) ? null : NOT_RECORDED;
    }),
    code: part(
      new Map(
        code.map(({ path, n_bytes, sha256 }) => [
          codeName(path),
          `${formatBytes(n_bytes)}, ${sha256.slice(0, HASH_CHARS)}`,
        ]),
      ),
      (name) => {
        const part = name.endsWith(".patch") ? "changes" : "code";
        return isRecorded(part, gathered, stored.code.length > 0) ? null : NOT_RECORDED;
      },
    ),
    machine: part(
      new Map(facts.flatMap(([name, text]) => (text && !isHalfKnown(name) ? [[name, text]] : []))),
      (name) =>
        isRecorded(REPOSITORY.has(name) ? "commit" : "machine", gathered, false) ? null : NOT_RECORDED,
    ),
  };
}

const REPOSITORY: ReadonlySet<string> = new Set(["Commit", "Branch", "Repository"]);

function part(values: ReadonlyMap<string, unknown>, lacks: ComparedPart["lacks"]): ComparedPart {
  return { values, lacks };
}
