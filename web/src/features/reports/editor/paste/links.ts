/** Links of this server to things that have cards. */

import type { Card } from "@/data/report/document";

/** The members of the card of a link; null: it is of no such thing, or of another server. */
export function cardOfLink(
  text: string,
): (Pick<Card, "path"> & { readonly of: string; readonly key?: string }) | null {
  const url = urlOf(text.trim());
  if (!url || url.origin !== window.location.origin) return null;
  const [entity, project, tab, name, ...rest] = url.pathname
    .split("/")
    .filter(Boolean)
    .map(decodeURIComponent);
  if (!entity || !project) return null;
  const path = `${entity}/${project}`;
  switch (tab) {
    case "runs": {
      if (!name) return { of: "runs", path };
      const metric = rest[0] === "charts" ? url.searchParams.get("p") : null;
      return metric
        ? { of: "metric", path: `${path}/${name}`, key: metric }
        : { of: "run", path: `${path}/${name}` };
    }
    case "sweeps":
      return name ? { of: "sweep", path: `${path}/${name}` } : null;
    case "reports":
      return name ? { of: "report", path: `${path}/${name}` } : null;
    case "artifacts": {
      const [collection, version] = rest;
      return name && collection
        ? { of: "artifact", path: `${path}/${collection}:${version ?? "latest"}` }
        : null;
    }
    default:
      return null;
  }
}

function urlOf(text: string): URL | null {
  if (/\s/.test(text)) return null;
  try {
    return new URL(text);
  } catch {
    return null;
  }
}
