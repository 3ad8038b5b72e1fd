/** A workspace that keeps a view, and another page of its project that shows none. */

import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { ViewProvider } from "@/features/view/page-view";
import { useSetView, useView } from "@/features/view/view-store";
import { PROJECT } from "./server";

interface ViewPagesProps {
  /** Parts of the workspace besides its groups. */
  readonly children: ReactNode;
  /** The address of the link back to the workspace. */
  backSearch?(): object;
}

/** The button `Group` changes the view; `Trash` and `Workspace` lead from page to page. */
export function ViewPages({ children, backSearch = () => ({}) }: ViewPagesProps) {
  const [isAway, setAway] = useState(false);
  const navigate = useNavigate();
  const go = () => {
    setAway(!isAway);
    void navigate({ to: ".", search: isAway ? (backSearch() as never) : {} });
  };
  return (
    <>
      <button type="button" onClick={go}>
        {isAway ? "Workspace" : "Trash"}
      </button>
      {!isAway && (
        <ViewProvider project={PROJECT}>
          {children}
          <Grouping />
        </ViewProvider>
      )}
    </>
  );
}

function Grouping() {
  const groupBy = useView((view) => view.groupBy);
  const setView = useSetView();
  return (
    <>
      <button type="button" onClick={() => setView({ groupBy: ["config.lr"] })}>
        Group
      </button>
      <p>{groupBy.join() || "no groups"}</p>
    </>
  );
}
