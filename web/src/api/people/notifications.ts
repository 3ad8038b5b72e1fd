/** Notifications of the person at the browser. */

import { queryOptions } from "@tanstack/react-query";
import { jsonBody, readJson, request } from "../client";
import type { Schemas } from "../types";

export type Notification = Schemas["Notification"];

export const NOTIFICATIONS_KEY = ["notifications"];

/** Between two looks, while no event of an open project says that there are new ones. */
const POLL_MILLIS = 180_000;

export const notificationsQuery = queryOptions({
  queryKey: NOTIFICATIONS_KEY,
  queryFn: readJson<Schemas["NotificationList"]>("/notifications"),
  refetchInterval: POLL_MILLIS,
});

/** @param ids null: all of them */
export async function readNotifications(ids: readonly number[] | null): Promise<void> {
  await request("/notifications/read", jsonBody<"NotificationsRead">("POST", { ids }));
}
