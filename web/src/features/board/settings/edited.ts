/** The subject of `view.edited`: the panel whose settings are open, or a section, or the workspace. */

const SECTION = "section:";
export const EDITED_WORKSPACE = "workspace:";

export function editedSection(name: string): string {
  return SECTION + name;
}

/** The section that is set; null where it is a panel or the workspace. */
export function sectionOfEdited(edited: string): string | null {
  return edited.startsWith(SECTION) ? edited.slice(SECTION.length) : null;
}
