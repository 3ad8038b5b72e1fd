/** A callout being written; its sign is the menu of its tones. */

import { NodeViewContent, type NodeViewProps, NodeViewWrapper } from "@tiptap/react";
import { CALLOUT_TONES } from "@/data/report/document";
import { Menu } from "@/ui/overlays/menu";
import { RadioItem } from "@/ui/overlays/radio-item";
import { Icon } from "@/ui/signs/icons";
import { CALLOUT_ICONS } from "../../blocks/callout-icons";

const LABELS = { info: "Note", success: "Success", warning: "Warning", danger: "Danger" } as const;

export function CalloutView({ node, updateAttributes }: NodeViewProps) {
  const tone = CALLOUT_TONES.find((name) => name === node.attrs.tone) ?? "info";
  return (
    <NodeViewWrapper className={`callout ${tone}`} role="note">
      <span contentEditable={false}>
        <Menu
          target={
            <button type="button" className="tone" aria-label={`Tone: ${LABELS[tone]}`}>
              <Icon name={CALLOUT_ICONS[tone]} />
            </button>
          }
        >
          {CALLOUT_TONES.map((name) => (
            <RadioItem
              key={name}
              label={LABELS[name]}
              isOn={name === tone}
              onChoose={() => updateAttributes({ tone: name })}
            />
          ))}
        </Menu>
      </span>
      <NodeViewContent />
    </NodeViewWrapper>
  );
}
