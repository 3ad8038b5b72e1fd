/** All shared components in their states, for developers: `/gallery`. */

import { useEffect } from "react";
import { tellPageStatus } from "../page-status";
import { ButtonSpecimens, ChoiceSpecimens, FieldSpecimens } from "./control-specimens";
import { EmptySpecimens, OverlaySpecimens, RowSpecimens } from "./page-specimens";
import "./gallery.css";

export function GalleryPage() {
  useEffect(() => tellPageStatus({ title: "Gallery" }), []);
  return (
    <main className="gallery">
      <div className="gallery-grid">
        <ButtonSpecimens />
        <FieldSpecimens />
        <ChoiceSpecimens />
        <OverlaySpecimens />
        <RowSpecimens />
        <EmptySpecimens />
      </div>
    </main>
  );
}
