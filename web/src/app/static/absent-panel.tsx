/** Takes the place of media over steps in a static file, which has the last ones of each run. */

import { PanelFrame, usePanelBox } from "@/panels/frame/panel-frame";
import type { PanelProps } from "@/panels/panel-props";

export function GridPanel(props: PanelProps) {
  const box = usePanelBox(props.isFull);
  return (
    <PanelFrame of={props} box={box} state={{ is: "empty", say: "Media over steps are not in this file." }}>
      {null}
    </PanelFrame>
  );
}
