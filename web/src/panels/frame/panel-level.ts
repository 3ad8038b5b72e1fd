import { createContext } from "react";

/** The level of the headings of panels: below a section's on a board, elsewhere below the heading that they follow. */
export const PanelLevel = createContext(3);
