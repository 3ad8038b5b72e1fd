/** Where nothing is: what is missing, and the one action that changes it. */

import type { ReactNode } from "react";
import { Icon, type IconName } from "./icons";

interface EmptyStateProps {
  readonly icon?: IconName;
  readonly title: string;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}

export function EmptyState({ icon, title, children, action }: EmptyStateProps) {
  return (
    <div className="say">
      {icon && <Icon name={icon} />}
      <b>{title}</b>
      {children && <span>{children}</span>}
      {action}
    </div>
  );
}
