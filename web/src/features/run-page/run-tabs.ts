export const TABS = {
  overview: "/$entity/$project/runs/$run",
  charts: "/$entity/$project/runs/$run/charts",
  system: "/$entity/$project/runs/$run/system",
  model: "/$entity/$project/runs/$run/model",
  logs: "/$entity/$project/runs/$run/logs",
  media: "/$entity/$project/runs/$run/media",
  files: "/$entity/$project/runs/$run/files",
  artifacts: "/$entity/$project/runs/$run/artifacts",
  code: "/$entity/$project/runs/$run/code",
} as const;

export type TabName = keyof typeof TABS;

/** In the order in which they stand. */
export const TAB_NAMES: readonly (readonly [TabName, string])[] = [
  ["overview", "Overview"],
  ["charts", "Charts"],
  ["system", "System"],
  ["model", "Model"],
  ["logs", "Logs"],
  ["media", "Media"],
  ["files", "Files"],
  ["artifacts", "Artifacts"],
  ["code", "Code"],
];

export function tabOf(pathname: string): TabName {
  const last = pathname.split("/").at(-1) as TabName;
  return last in TABS ? last : "overview";
}
