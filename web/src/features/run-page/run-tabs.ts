/**
 * The addresses of a run's tabs.
 */

export const TABS = {
  overview: "/$entity/$project/runs/$run",
  charts: "/$entity/$project/runs/$run/charts",
  system: "/$entity/$project/runs/$run/system",
} as const;

export function tabOf(pathname: string): keyof typeof TABS {
  if (pathname.endsWith("/charts")) return "charts";
  return pathname.endsWith("/system") ? "system" : "overview";
}
