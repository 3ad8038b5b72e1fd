import type { Collection } from "@/api/artifacts/artifacts";

/** Its latest version, or why there is none. */
export function latestText({ latest, n_begun }: Collection): string {
  return latest?.version ?? (n_begun > 0 ? "being sent" : "deleted");
}
