/**
 * Names the entity in an address that says `local`, which stands for the reader's own.
 *
 * Scripts print such links before they know the server. In another person's browser, one would open that
 * person's own projects.
 */

import { useQuery } from "@tanstack/react-query";
import { useLocation, useRouter } from "@tanstack/react-router";
import { useEffect } from "react";
import { serverQuery } from "@/api/projects";

const OWN = "local";

export function useNamedEntity() {
  const router = useRouter();
  const href = useLocation({ select: (location) => location.href });
  const { data: server } = useQuery(serverQuery);
  const entity = server?.entity ?? OWN;
  useEffect(() => {
    if (entity !== OWN && href.startsWith(`/${OWN}/`)) {
      router.history.replace(`/${encodeURIComponent(entity)}${href.slice(OWN.length + 1)}`);
    }
  }, [router, href, entity]);
}
