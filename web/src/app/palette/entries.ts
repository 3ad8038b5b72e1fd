/** The entries of the command palette for a typed text: pages, runs, sweeps, reports, metrics, projects, actions. */

import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { contentsQuery } from "@/api/documents";
import { findMetricsQuery } from "@/api/find";
import { projectsQuery } from "@/api/projects";
import { sweepsQuery } from "@/api/sweeps/sweeps";
import type { Project, ProjectRef, Run } from "@/api/types";
import { formatCount, formatNoun } from "@/data/text/format";
import { findWords, wordRank } from "@/data/text/words";
import { autoPanelId } from "@/data/view/panel";
import { useSectionSearch } from "@/features/docs/use-section-search";
import { useSelectedCommands } from "@/features/runs/actions/selected-commands";
import type { IconName } from "@/ui/signs/icons";
import { usePageRoute } from "../page-route";
import { useActions } from "./actions";
import type { Entry, EntryGroup } from "./entry";
import { useLockEntries } from "./locks";
import { useReportEntries } from "./report-entries";
import { useRunSearch } from "./run-search";

const TYPING_MILLIS = 120;
/** Projects whose list of runs can be opened with the search. */
const PROJECT_LISTS = 3;
const METRICS = 6;
/** The server lists them by name, and the likeliest may be the last. */
const METRICS_RANKED = 300;
const SWEEPS = 5;
const PROJECTS = 5;
const SECTIONS = 3;
/** Shorter texts are in every document. */
const TEXT_SEARCH_CHARS = 3;

export function useEntries(typed: string, openShortcuts: () => void) {
  const { project: pageProject, run } = usePageRoute();
  const navigate = useNavigate();
  const [text] = useDebouncedValue(typed.trim(), TYPING_MILLIS);
  const projectsAnswer = useQuery({ ...projectsQuery, refetchInterval: false });
  const projects = projectsAnswer.data ?? [];
  const reports = useReportEntries(pageProject, typed, text);
  const { runs, nRuns, nOwn, elsewhere, isLooking } = useRunSearch(pageProject, projects, text);
  const metrics = useQuery({
    ...findMetricsQuery(pageProject ?? NOWHERE, text, METRICS_RANKED),
    enabled: pageProject !== null && text !== "",
  });
  const sweeps = useQuery({
    ...sweepsQuery(pageProject ?? NOWHERE),
    enabled: pageProject !== null && text !== "",
    refetchInterval: false,
  });
  const openRun = (target: Run, tab?: "charts" | "system") => {
    const params = { entity: target.entity, project: target.project, run: target.id };
    if (tab) void navigate({ to: `/$entity/$project/runs/$run/${tab}`, params });
    else void navigate({ to: "/$entity/$project/runs/$run", params });
  };

  const pages: Entry[] = [
    page("Home", "home", () => void navigate({ to: "/" })),
    page("Projects", "layers", () => void navigate({ to: "/", search: { view: "projects" } })),
    page("Reports of all projects", "doc", () => void navigate({ to: "/reports" })),
    page("Trash of projects", "trash", () => void navigate({ to: "/trash" })),
    page("Documents", "doc", () => void navigate({ to: "/docs" })),
    page("Key and login", "key", () => void navigate({ to: "/authorize" })),
    page("Settings", "gear", () => void navigate({ to: "/settings" })),
  ];
  if (pageProject) {
    pages.unshift(
      page(
        "Workspace",
        "chart",
        () => void navigate({ to: "/$entity/$project", params: pageProject }),
        pageProject.project,
      ),
      page(
        "Overview of the project",
        "info",
        () => void navigate({ to: "/$entity/$project/overview", params: pageProject }),
        pageProject.project,
      ),
      page(
        "Sweeps",
        "sweep",
        () => void navigate({ to: "/$entity/$project/sweeps", params: pageProject }),
        pageProject.project,
      ),
      page(
        "Reports",
        "doc",
        () => void navigate({ to: "/$entity/$project/reports", params: pageProject }),
        pageProject.project,
      ),
      page(
        "Trash",
        "trash",
        () => void navigate({ to: "/$entity/$project/trash", params: pageProject }),
        pageProject.project,
      ),
      page(
        "Settings of the project",
        "gear",
        () => void navigate({ to: "/$entity/$project/settings", params: pageProject }),
        pageProject.project,
      ),
    );
    if (run) {
      const params = { ...pageProject, run };
      pages.unshift(
        page(
          "Overview",
          "doc",
          () => void navigate({ to: "/$entity/$project/runs/$run", params }),
          "this run",
        ),
        page(
          "Charts",
          "chart",
          () => void navigate({ to: "/$entity/$project/runs/$run/charts", params }),
          "this run",
        ),
        page(
          "System",
          "cpu",
          () => void navigate({ to: "/$entity/$project/runs/$run/system", params }),
          "this run",
        ),
      );
    }
  }

  const contents = useQuery({ ...contentsQuery, enabled: typed !== "" });
  const isTyping = typed !== "";
  const listed = useMemo(
    () => (isTyping ? (contents.data ?? []).flatMap((group) => group.entries) : []),
    [isTyping, contents.data],
  );
  const documents = listed.map(
    ({ name, title, about }): Entry => ({
      id: `document:${name}`,
      icon: "doc",
      label: title,
      spans: [],
      meta: about,
      choose: () => void navigate({ to: "/docs/$document", params: { document: name } }),
    }),
  );

  const isSearchingTexts = text.length >= TEXT_SEARCH_CHARS;
  const { sections } = useSectionSearch(listed, isSearchingTexts ? text : "");

  const isAnyLooking =
    isLooking ||
    metrics.isFetching ||
    sweeps.isLoading ||
    reports.isLooking ||
    projectsAnswer.isLoading ||
    contents.isLoading ||
    text !== typed.trim();

  const groups: EntryGroup[] = [
    {
      name: text === "" ? "Newest runs" : "Runs",
      entries: [...fittingRuns(runs, typed, text).map(runEntry), ...listEntries()],
      nMatching: text === "" ? undefined : nRuns,
    },
    { name: "Sweeps", entries: pageProject && text !== "" ? sweepEntries(pageProject) : [] },
    { name: "Reports", entries: reports.entries },
    {
      name: "Metrics",
      entries: pageProject && text !== "" ? metricEntries(pageProject) : [],
      nMatching: metrics.data?.total,
    },
    {
      name: "Projects",
      entries: fitting(
        projects.map((project) => ({
          id: `project:${project.entity}/${project.project}`,
          icon: "layers",
          label: `${project.entity} / ${project.project}`,
          spans: [],
          meta: projectMeta(project),
          choose: () =>
            void navigate({
              to: "/$entity/$project",
              params: { entity: project.entity, project: project.project },
            }),
        })),
        typed,
      ).slice(0, PROJECTS),
    },
    { name: "Pages", entries: fitting(pages, typed) },
    { name: "Documents", entries: fitting(documents, typed) },
    {
      name: "Actions",
      entries: [
        ...searchActions(),
        ...fitting([...useLockEntries(), ...useActions(openShortcuts)], typed),
        ...documentSearch(),
      ],
    },
    { name: "In the text of documents", entries: sectionEntries() },
  ];
  // what was found by name comes before runs that only have the text in their notes
  const hasNamedRun = groups[0]!.entries.some((entry) => entry.spans.length > 0);
  const ordered =
    text === "" || hasNamedRun ? groups : [...groups.slice(1, 4), groups[0]!, ...groups.slice(4)];
  const { nRuns: nSelected, commands } = useSelectedCommands();
  const ofSelection: EntryGroup = {
    name: formatNoun(nSelected, "selected run"),
    entries: fitting(
      commands.map(({ id, icon, label, run: choose }) => ({
        id: `selected:${id}`,
        icon,
        label,
        spans: [],
        choose,
      })),
      typed,
    ),
  };
  return {
    groups: [ofSelection, ...ordered].filter((group) => group.entries.length > 0),
    isLooking: isAnyLooking,
  };

  /** Sections whose text has the words; documents with a fitting title are listed already. */
  function sectionEntries(): Entry[] {
    if (!isSearchingTexts) return [];
    return sections
      .filter(({ entry }) => findWords(entry.title, typed) === null)
      .slice(0, SECTIONS)
      .map(({ entry, heading }) => {
        const hash = heading === null || heading.level === 1 ? "" : heading.id;
        const label = hash === "" || !heading ? entry.title : `${entry.title}: ${heading.text}`;
        return {
          id: `section:${entry.name}#${hash}`,
          icon: "doc",
          label,
          spans: findWords(label, typed) ?? [],
          choose: () => void navigate({ to: "/docs/$document", params: { document: entry.name }, hash }),
        };
      });
  }

  function documentSearch(): Entry[] {
    const words = typed.trim();
    // until then, it would look as if nothing else was found
    if (words === "" || isAnyLooking) return [];
    return [
      {
        id: "search-documents",
        icon: "search",
        label: `Search documents for ${words}`,
        spans: [],
        choose: () => void navigate({ to: "/docs", search: { find: words } as never }),
      },
    ];
  }

  function sweepEntries(project: ProjectRef): Entry[] {
    const entries = (sweeps.data?.sweeps ?? []).map(
      ({ id, name, state, counts }): Entry => ({
        id: `sweep:${id}`,
        icon: "sweep",
        label: name || id,
        spans: [],
        meta: `${state}, ${formatNoun(counts.finished, "finished run")}`,
        choose: () =>
          void navigate({ to: "/$entity/$project/sweeps/$sweep", params: { ...project, sweep: id } }),
      }),
    );
    return fitting(entries, typed).slice(0, SWEEPS);
  }

  function metricEntries(project: ProjectRef): Entry[] {
    return (metrics.data?.metrics ?? [])
      .map((metric) => metric.key)
      .sort((a, b) => wordRank(a, text) - wordRank(b, text) || a.length - b.length)
      .slice(0, METRICS)
      .map((key) => ({
        id: `metric:${key}`,
        icon: "chart",
        label: key,
        spans: findWords(key, typed) ?? [],
        meta: run ? "chart of this run" : "chart",
        choose: () => {
          const full = autoPanelId(key);
          // a page that shows charts keeps its view under the full screen
          const search = (before: object) => ({ ...before, full });
          if (run)
            void navigate({
              to: "/$entity/$project/runs/$run/charts",
              params: { ...project, run },
              search,
            });
          else void navigate({ to: "/$entity/$project", params: project, search });
        },
      }));
  }

  function runEntry(match: Run): Entry {
    const isHere =
      pageProject !== null && match.project === pageProject.project && match.entity === pageProject.entity;
    return {
      id: `run:${match.entity}/${match.project}/${match.id}`,
      icon: "chart",
      label: match.name,
      spans: findWords(match.name, typed) ?? [],
      meta: isHere ? "" : match.project,
      run: match,
      choose: () => openRun(match),
    };
  }

  /** Ways to all runs of other projects that have the words, where not all of them are listed. */
  function listEntries(): Entry[] {
    const words = typed.trim();
    if (words === "" || text !== words || isLooking) return [];
    const nListed = (project: ProjectRef) =>
      runs.filter((match) => match.project === project.project && match.entity === project.entity).length;
    return elsewhere
      .filter(({ project, total }) => total > nListed(project))
      .slice(0, PROJECT_LISTS)
      .map(({ project, total }) => ({
        id: `list:${project.entity}/${project.project}`,
        icon: "filter",
        isWay: true,
        label: `Show all ${formatNoun(total, "run")} of ${project.project} with ${words}`,
        spans: [],
        choose: () => void navigate({ to: "/$entity/$project", params: project, search: { q: words } }),
      }));
  }

  function searchActions(): Entry[] {
    const words = typed.trim();
    if (!pageProject || words === "") return [];
    // it would lead to an empty list
    if (nOwn === 0 && text === words && elsewhere.length > 0) return [];
    return [
      {
        id: "search-runs",
        icon: "filter",
        label: `Show runs whose name has ${words}`,
        spans: [],
        keys: "mod+enter",
        choose: () => void navigate({ to: "/$entity/$project", params: pageProject, search: { q: words } }),
      },
    ];
  }
}

/** Runs that were found by their notes or tags stand behind those found by name, and only a few of them. */
const BY_NOTES = 3;

function fittingRuns(runs: readonly Run[], typed: string, searchedText: string): Run[] {
  const named = runs.filter((run) => findWords(run.name, typed) !== null || run.id === typed.trim());
  // what was found for the text of a moment ago says nothing of the notes that have this one
  const noted = searchedText === typed.trim() ? runs.filter((run) => !named.includes(run)) : [];
  return [...named, ...noted.slice(0, Math.max(0, BY_NOTES - named.length))];
}

const NOWHERE: ProjectRef = { entity: "", project: "" };

function page(label: string, icon: IconName, choose: () => void, meta?: string): Entry {
  return { id: `page:${label}`, icon, label, spans: [], meta, choose };
}

function projectMeta(project: Project): string {
  const runs = formatNoun(project.n_runs, "run");
  return project.n_running > 0 ? `${runs}, ${formatCount(project.n_running)} running` : runs;
}

/** Entries that have all typed words, the best first. */
function fitting(entries: readonly Entry[], typed: string): Entry[] {
  return entries
    .flatMap((entry) => {
      const spans = findWords(entry.label, typed);
      return spans ? [{ ...entry, spans }] : [];
    })
    .sort((a, b) => (typed === "" ? 0 : wordRank(a.label, typed) - wordRank(b.label, typed)));
}
