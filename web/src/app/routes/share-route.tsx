/** `/share/ID.CODE`: the page of what a link shows. The one of reports is loaded only for them. */

import { useQuery } from "@tanstack/react-query";
import { useLocation, useParams } from "@tanstack/react-router";
import { lazy, Suspense, useMemo } from "react";
import { sharedRef } from "@/api/client";
import { sharedQuery } from "@/api/shares";
import { SharePage } from "@/features/share/share-page";
import { SkeletonRows } from "@/ui/signs/skeleton";

const SharedReportPage = lazy(async () => ({
  default: (await import("@/features/reports/shared-report")).SharedReportPage,
}));

export function ShareRoute() {
  const { link = "" } = useParams({ strict: false }) as { link?: string };
  const panel = useLocation({ select: ({ searchStr }) => new URLSearchParams(searchStr).get("panel") });
  const ref = useMemo(() => sharedRef(link), [link]);
  const { data } = useQuery(sharedQuery(ref));
  if (data?.kind !== "report") return <SharePage />;
  return (
    <Suspense fallback={<SkeletonRows n={10} label="Loading the report" />}>
      <SharedReportPage key={link} link={link} shared={data} panel={panel} />
    </Suspense>
  );
}
