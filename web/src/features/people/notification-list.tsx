/** The notifications of the person at the browser, the newest first: each leads to its comment. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import {
  NOTIFICATIONS_KEY,
  type Notification,
  notificationsQuery,
  readNotifications,
} from "@/api/people/notifications";
import { Button } from "@/ui/controls/button";
import { attempt } from "@/ui/overlays/toasts";
import { Ago } from "@/ui/text/ago";
import { PersonAvatar } from "../person";
import "./notification-list.css";

export function NotificationList({ onLeave }: { onLeave(): void }) {
  const client = useQueryClient();
  const { data } = useQuery(notificationsQuery);
  const read = (ids: readonly number[] | null) =>
    void attempt("The notifications were not changed", async () => {
      await readNotifications(ids);
      await client.invalidateQueries({ queryKey: NOTIFICATIONS_KEY });
    });
  if (!data) return null;
  const { notifications, n_unread: nUnread } = data;
  return (
    <section className="notifications" aria-label="Notifications">
      <header>
        <h2>Notifications</h2>
        {nUnread > 0 && (
          <Button look="quiet" isSmall onClick={() => read(null)}>
            Mark all as read
          </Button>
        )}
      </header>
      {notifications.length === 0 ? (
        <p className="muted">
          Nothing yet. You are told of comments that name you, of replies, and of threads on your reports.
        </p>
      ) : (
        <ul>
          {notifications.map((item) => (
            <li key={item.id} className={item.is_read ? "" : "unread"}>
              <Link
                to="/$entity/$project/reports/$report"
                params={{ entity: item.entity, project: item.project, report: item.report }}
                search={
                  { comment: item.comment, ...(item.audience === "editors" && { version: "draft" }) } as never
                }
                onClick={() => {
                  if (!item.is_read) read([item.id]);
                  onLeave();
                }}
              >
                {item.author && <PersonAvatar user={item.author} size="sm" />}
                <span className="words">
                  <b>{item.author ?? "Someone"}</b> {REASONS[item.reason] ?? "commented on"}{" "}
                  <b>{item.title || "an untitled report"}</b>
                  {!item.is_read && <span className="sr">, unread</span>}
                  <span className="excerpt">{item.excerpt.replace(/[*_`#>]+/g, "")}</span>
                </span>
                <Ago micros={item.at_micros} />
              </Link>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

const REASONS: Readonly<Record<Notification["reason"], string>> = {
  mention: "mentioned you in",
  reply: "replied to you in",
  report: "commented on",
};
