/** Whether the server shows this browser its documents only. */

import { useQuery } from "@tanstack/react-query";
import { isSignedOut } from "@/api/client";
import { serverQuery } from "@/api/projects";

export function useIsGuest(): boolean {
  const { error } = useQuery(serverQuery);
  return isSignedOut(error);
}
