/** A page that cannot be shown: what is wrong, and a way out. */

import type { ReactNode } from "react";
import { Icon, type IconName } from "./icons";

export function PageProblem(props: { icon: IconName; title: string; children: ReactNode }) {
  const { icon, title, children } = props;
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
