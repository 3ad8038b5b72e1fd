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

/** Stands for the reader's own entity in addresses. */
export const OWN_ENTITY = "local";

export function useNamedEntity() {
  const router = useRouter();
  const href = useLocation({ select: (location) => location.href });
  const { data: server } = useQuery(serverQuery);
  const entity = server?.entity ?? OWN_ENTITY;
  useEffect(() => {
    if (entity !== OWN_ENTITY && href.startsWith(`/${OWN_ENTITY}/`)) {
      router.history.replace(`/${encodeURIComponent(entity)}${href.slice(OWN_ENTITY.length + 1)}`);
    }
  }, [router, href, entity]);
}
