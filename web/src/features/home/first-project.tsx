/** A server without projects: how the first one comes to be. */

import { lazy, Suspense } from "react";

const EmptyProject = lazy(() => import("../runs/empty/empty-project"));

const FIRST_NAME = "my-project";

export function FirstProject() {
  return (
    <Suspense>
      <EmptyProject entity="local" project={FIRST_NAME} title="Nothing here yet" />
    </Suspense>
  );
}
