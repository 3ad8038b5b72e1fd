/** The settings of a panel of text: the text, shown at once. */

import type { PanelSettingsProps } from "../panel-props";
import { SettingsSection } from "../settings/settings-fields";
import { markdownText } from "./options";
import "../settings/code-area.css";

export default function MarkdownSettings({ panel, onPanel }: PanelSettingsProps) {
  return (
    <SettingsSection title="Text" note="Markdown; a first heading is the title">
      <textarea
        className="code-area"
        aria-label="Text"
        spellCheck
        rows={18}
        value={markdownText(panel)}
        placeholder={"# What this shows\n\n- [ ] try a smaller batch"}
        onChange={(event) => onPanel({ options: { ...panel.options, text: event.target.value } })}
      />
    </SettingsSection>
  );
}
