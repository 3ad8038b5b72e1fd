/** The models among the versions that a run logged which people look for: the best and the last. Pure. */

interface LoggedVersion {
  readonly type: string;
  readonly version: string | null;
  readonly aliases: readonly string[];
  readonly created_micros: number;
}

/** Aliases that scripts give to the version that did best. */
const BEST = /^best(\b|_)/i;

/**
 * The stored version of type `model` with an alias such as `best` or `best-val`, and the one logged last; one entry if
 * they are the same.
 */
export function checkpointsOf<T extends LoggedVersion>(
  logged: readonly T[],
): { readonly title: string; readonly artifact: T }[] {
  const models = logged
    .filter(({ type, version }) => type === "model" && version !== null)
    .sort((a, b) => b.created_micros - a.created_micros);
  const best = models.find(({ aliases }) => aliases.some((alias) => BEST.test(alias)));
  const last = models[0];
  return [
    ...(best ? [{ title: "Best model", artifact: best }] : []),
    ...(last && last !== best ? [{ title: "Last model", artifact: last }] : []),
  ];
}
