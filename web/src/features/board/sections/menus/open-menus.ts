/** Menus of a board as they are while they are open, in one file that comes after the page. */

export { PanelEntries } from "./panel-entries";
export { OpenSectionMenu } from "./section-menu";
