/**
 * A server without projects: how the first one comes to be.
 */

import { EmptyProject } from "../runs/empty/empty-project";

const FIRST_NAME = "my-project";

export function FirstProject() {
  return <EmptyProject entity="local" project={FIRST_NAME} title="Nothing here yet" />;
}
