import { type Environment, remoteLink } from "./environment";

interface Reproduced {
  /** `entity/project/run`, as `weft restore` takes it. */
  readonly path: string;
  readonly run: string;
  readonly facts: Pick<Environment, "git" | "command">;
  readonly hasPackages: boolean;
  readonly hasCode: boolean;
}

/** The commands that get a run's code and packages, and start it again; null: too little of the run is known. */
export function reproduceText({ path, run, facts, hasPackages, hasCode }: Reproduced): string | null {
  const { git, command } = facts;
  if (!command || (!git.commit && !hasCode)) return null;
  const isCloned = git.commit !== null && git.remote !== null;
  const lines = [
    isCloned && `git clone ${addressOf(git.remote!)} ${run}-code`,
    isCloned && `cd ${run}-code`,
    // in a clone, it checks the commit out and applies the changes
    `weft restore ${path}`,
    hasPackages && `pip install -r ${run}/requirements.txt`,
    !isCloned && hasCode && `cd ${run}/code`,
    command,
  ];
  return lines.filter((line) => line !== false).join("\n");
}

/** A remote without a name and a password, which may have been redacted. */
function addressOf(remote: string): string {
  const page = remoteLink(remote);
  return page === null ? remote : `${page}.git`;
}
