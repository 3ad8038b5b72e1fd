/**
 * A page that cannot be shown: what is wrong, and a way out.
 */

import type { ReactNode } from "react";
import { Icon, type IconName } from "./icons";

export function PageProblem({
  icon,
  title,
  children,
}: {
  icon: IconName;
  title: string;
  children: ReactNode;
}) {
  return (
    <main className="page-problem">
      <div className="say" role="alert">
        <Icon name={icon} />
        <h1>{title}</h1>
        {children}
      </div>
    </main>
  );
}
