import { useQuery } from "@tanstack/react-query";
import { userMatchesQuery } from "@/api/people/users";
import type { ServerInfo } from "@/api/types";

/** Whether the server has no accounts, as on a laptop; undefined: not known yet. */
export function useIsAlone(server: ServerInfo): boolean | undefined {
  // the server's own user, who may be one of many
  const mayHaveUsers = server.account === null && server.is_admin;
  const users = useQuery({ ...userMatchesQuery("", 1), enabled: mayHaveUsers });
  if (!mayHaveUsers) return server.account === null;
  return users.isPending ? undefined : !users.data?.length;
}
