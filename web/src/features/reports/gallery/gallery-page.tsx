/** `/reports`: the reports of all projects that one may see, or of those of one user or team. */

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { projectsQuery, serverQuery } from "@/api/projects";
import { galleryQuery } from "@/api/reports/gallery";
import { CardSearch } from "@/ui/cards/card-search";
import { Button } from "@/ui/controls/button";
import { SegmentedControl } from "@/ui/controls/segmented-control";
import { Select } from "@/ui/controls/select";
import { useSettled } from "@/ui/hooks/use-settled";
import { EmptyState } from "@/ui/signs/empty-state";
import { PageFault } from "@/ui/signs/fault";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { tellPageStatus } from "../../page-status";
import { choiceParameter, textParameter, useSearchState } from "../../search-state";
import { GalleryCard } from "./gallery-card";
import "./gallery.css";

const STATES = ["published", "draft"] as const;
const STATE = {
  search: textParameter("q"),
  entity: textParameter("entity"),
  state: choiceParameter("state", STATES, null),
};

export function ReportGalleryPage() {
  const [{ search, entity, state }, setState] = useSearchState(STATE);
  const words = useSettled(search.trim());
  const query = useInfiniteQuery(galleryQuery({ entity, words, state }));
  useEffect(() => tellPageStatus({ title: "Reports" }), []);
  const { data, error, refetch } = query;
  if (error && !data)
    return <PageFault title="The reports could not be listed" error={error} onRetry={refetch} />;
  const reports = data?.pages.flatMap((page) => page.reports);
  return (
    <main className="report-gallery" aria-label="Reports">
      <div className="report-gallery-bar">
        <CardSearch
          label="Search reports and their texts"
          value={search}
          onChange={(text) => setState({ search: text })}
        />
        <SegmentedControl
          label="State"
          value={state ?? ""}
          options={[
            { value: "", label: "All" },
            { value: "published", label: "Published" },
            { value: "draft", label: "Drafts" },
          ]}
          onChange={(value) => setState({ state: STATES.find((choice) => choice === value) ?? null })}
        />
        <span className="grow" />
        <EntityChoice entity={entity} onChange={(next) => setState({ entity: next })} />
      </div>
      {!reports ? (
        <SkeletonRows n={8} label="Loading reports" height={56} />
      ) : reports.length === 0 ? (
        search !== "" || state !== null ? (
          <EmptyState
            icon="search"
            title="No report matches"
            action={
              <Button isSmall onClick={() => setState({ search: "", state: null })}>
                Clear search
              </Button>
            }
          >
            {entity ? `No report of ${entity}` : "No report"} is as you search.
          </EmptyState>
        ) : (
          <EmptyState icon="doc" title="No reports yet">
            {entity
              ? `No project of ${entity} has a report that you may see.`
              : "No project has a report that you may see."}{" "}
            <em>New report</em> on a project's page <em>Reports</em> begins one.
          </EmptyState>
        )
      ) : (
        <div className="report-gallery-scroll">
          <ul className="report-gallery-cards">
            {reports.map((report) => (
              <GalleryCard
                key={`${report.entity}/${report.project}/${report.id}`}
                report={report}
                words={words}
                hasEntity={entity === ""}
              />
            ))}
          </ul>
          {query.hasNextPage && (
            <Button isSmall disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
              Show older ones
            </Button>
          )}
        </div>
      )}
    </main>
  );
}

interface EntityChoiceProps {
  /** Empty: all. */
  readonly entity: string;
  onChange(entity: string): void;
}

/** One's own entity first, then the others that have projects, by name. */
function EntityChoice({ entity, onChange }: EntityChoiceProps) {
  const { data: own = null } = useQuery({ ...serverQuery, select: (server) => server.account });
  const { data: projects = [] } = useQuery({ ...projectsQuery, refetchInterval: false });
  const names = new Set(projects.map((project) => project.entity));
  if (entity) names.add(entity);
  if (names.size < 2) return null;
  const sorted = [...names].sort((a, b) => Number(b === own) - Number(a === own) || a.localeCompare(b));
  return (
    <Select
      label="Of"
      isLabelVisible
      isSmall
      value={entity}
      options={[
        { value: "", label: "all projects" },
        ...sorted.map((name) => ({ value: name, label: name, meta: name === own ? "you" : undefined })),
      ]}
      onChange={onChange}
    />
  );
}
