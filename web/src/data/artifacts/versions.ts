interface Version {
  readonly version: string | null;
  readonly aliases: readonly string[];
}

/** `3` of `v3`; null of a version that is still being sent. */
export function versionNumber(version: string | null): number | null {
  const match = /^v(\d+)$/.exec(version ?? "");
  return match ? Number(match[1]) : null;
}

/**
 * The newest of some versions that is older than one, else the oldest that is newer: what it is compared with.
 *
 * @param versions newest first
 */
export function versionBefore<V extends Version>(versions: readonly V[], version: string): V | null {
  const own = versionNumber(version) ?? 0;
  const numbered = versions.filter((other) => other.version !== null && other.version !== version);
  return numbered.find((other) => versionNumber(other.version)! < own) ?? numbered.at(-1) ?? null;
}

/** Whether a version is what a person types: `v12`, `12`, or a part of one of its aliases. */
export function matchesName({ version, aliases }: Version, typed: string): boolean {
  const text = typed.trim().toLowerCase();
  const names = [version ?? "", ...aliases].map((name) => name.toLowerCase());
  return names.some((name) => name.includes(text));
}
