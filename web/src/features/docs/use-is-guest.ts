/**
 * Whether the server shows this browser its documents only.
 */

import { useQuery } from "@tanstack/react-query";
import { ApiError } from "@/api/client";
import { serverQuery } from "@/api/projects";

export function useIsGuest(): boolean {
  const { error } = useQuery(serverQuery);
  return error instanceof ApiError && error.status === 401;
}
