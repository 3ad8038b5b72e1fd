/** A molecule as balls and sticks, which is turned like a 3D object. */

import { lazy } from "react";
import { isReadable } from "@/data/media/three/molecule";
import { Download } from "./content-fault";
import type { ContentProps } from "./content-props";

/** With a large library, which is not loaded for what is not drawn. */
const Object3dContent = lazy(() => import("./object3d-content"));

export default function MoleculeContent(props: ContentProps) {
  if (isReadable(props.item.file.path)) return <Object3dContent {...props} />;
  return (
    <div className="media-say">
      <span>Molecules of this format are not drawn</span>
      <Download item={props.item} />
    </div>
  );
}
