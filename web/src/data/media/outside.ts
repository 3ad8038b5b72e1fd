/** Messages of a logged page in its frame: see `server/http/answers/pages.py`. Pure. */

/** Hosts that a page may be allowed to load from, in one address. */
const MOST_HOSTS = 20;
const HOST = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:\d{1,5})?$/i;

/** The host of an address that was kept from loading; null: it is no address, or one of this server. */
export function outsideHost(blocked: unknown, ownHost: string): string | null {
  if (typeof blocked !== "string" || !/^(https?|wss?):/.test(blocked)) return null;
  try {
    const { host } = new URL(blocked);
    return host !== ownHost && HOST.test(host) ? host : null;
  } catch {
    return null;
  }
}

/** The hosts with one more. */
export function withHost(hosts: readonly string[], host: string): readonly string[] {
  return hosts.includes(host) || hosts.length >= MOST_HOSTS ? hosts : [...hosts, host].sort();
}

/** The address of a file as a page in a frame that may load from some hosts. */
export function framedUrl(url: string, allowed: readonly string[]): string {
  if (url === "") return "";
  const outside = allowed.length > 0 ? `&outside=${encodeURIComponent(allowed.join(","))}` : "";
  return `${url}${url.includes("?") ? "&" : "?"}framed=true${outside}`;
}
