/** The reports of a project in the command palette: by title, and some that have the words in their texts. */

import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type ReportInfo, reportsQuery } from "@/api/reports/reports";
import type { ProjectRef } from "@/api/types";
import { findWords, wordRank } from "@/data/text/words";
import type { Entry } from "./entry";

const BY_TITLE = 5;
const BY_TEXT = 3;
/** The best title may be of a report that was edited long ago. */
const RANKED = 300;

/**
 * @param project null outside of projects: none
 * @param text what is searched for, a moment after it was typed
 */
export function useReportEntries(project: ProjectRef | null, typed: string, text: string) {
  const navigate = useNavigate();
  const { data, isFetching } = useQuery({
    ...reportsQuery(project ?? { entity: "", project: "" }, text, RANKED),
    enabled: project !== null && text !== "",
  });
  const isLooking = isFetching && project !== null && text !== "";
  if (!project || text === "" || !data) return { entries: [], isLooking };
  const entryOf = (report: ReportInfo, meta?: string): Entry => {
    const label = report.title.trim() || "Untitled report";
    return {
      id: `report:${report.id}`,
      icon: "doc",
      label,
      spans: findWords(label, typed) ?? [],
      meta,
      choose: () =>
        void navigate({
          to: "/$entity/$project/reports/$report",
          params: { ...project, report: report.id },
          hash: meta === undefined ? undefined : data.matches?.[report.id]?.block,
        }),
    };
  };
  const titled = data.reports.filter(({ title }) => findWords(title, typed) !== null);
  const others = data.reports.filter((report) => !titled.includes(report));
  const entries = [
    ...titled
      .toSorted((a, b) => wordRank(a.title, text) - wordRank(b.title, text))
      .slice(0, BY_TITLE)
      .map((report) => entryOf(report)),
    // what was found for the text of a moment ago says nothing of what is typed now
    ...(text === typed.trim() ? others.slice(0, BY_TEXT) : []).map((report) =>
      entryOf(report, data.matches?.[report.id]?.pieces.join("") ?? "in its description"),
    ),
  ];
  return { entries, isLooking };
}
