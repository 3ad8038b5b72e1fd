/**
 * The settings next to the charts while something is set; their code is loaded when they are first opened.
 */

import { lazy, Suspense } from "react";
import { useView } from "../../view/view-store";

const SettingsDrawer = lazy(() => import("./settings-drawer"));

export function OpenSettings() {
  const edited = useView((view) => view.edited);
  if (edited === null) return null;
  return (
    <Suspense fallback={<aside className="drawer" aria-label="Settings" />}>
      <SettingsDrawer key={edited} edited={edited} />
    </Suspense>
  );
}
