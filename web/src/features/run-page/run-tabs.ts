/**
 * The addresses of a run's tabs.
 */

export const TABS = {
  overview: "/$entity/$project/runs/$run",
  charts: "/$entity/$project/runs/$run/charts",
  system: "/$entity/$project/runs/$run/system",
  logs: "/$entity/$project/runs/$run/logs",
} as const;

export function tabOf(pathname: string): keyof typeof TABS {
  const last = pathname.split("/").at(-1);
  return last === "charts" || last === "system" || last === "logs" ? last : "overview";
}
