/** The bell: how many notifications are unread; a server without accounts has none. */

import { useQuery } from "@tanstack/react-query";
import { notificationsQuery } from "@/api/people/notifications";
import { Popover } from "@/ui/overlays/popover";
import { later } from "@/ui/parts/later";
import { Icon } from "@/ui/signs/icons";
import { useHasAccounts } from "../person";

const NotificationList = later(() => import("./notification-list").then((file) => file.NotificationList));

export function NotificationsButton() {
  const hasAccounts = useHasAccounts();
  const { data } = useQuery({ ...notificationsQuery, enabled: hasAccounts });
  if (!data) return null;
  const { n_unread: nUnread } = data;
  const label = nUnread === 0 ? "Notifications" : `Notifications: ${nUnread} unread`;
  return (
    <Popover
      label="Notifications"
      position="bottom-end"
      width={360}
      target={
        <button type="button" className="btn q ico bell" aria-label={label} data-tip={label}>
          <Icon name="bell" />
          {nUnread > 0 && <span className="bell-n tn">{nUnread}</span>}
        </button>
      }
    >
      {(close) => <NotificationList onLeave={close} />}
    </Popover>
  );
}
