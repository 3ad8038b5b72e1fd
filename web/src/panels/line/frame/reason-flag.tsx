import { Popover } from "@/ui/overlays/popover";

interface ReasonFlagProps {
  readonly look: "neu" | "wrn" | "dan";
  readonly text: string;
  /** The heading of the reasons. */
  readonly label: string;
  readonly reasons: readonly string[];
}

/** A flag with reasons: on hover, and with a click for those who have no pointer. */
export default function ReasonFlag({ look, text, label, reasons }: ReasonFlagProps) {
  return (
    <Popover
      label={label}
      width={280}
      target={
        <button type="button" className={`flag ${look}`} title={`${label}:\n${reasons.join("\n")}`}>
          {text}
        </button>
      }
    >
      <div className="flag-reasons">
        <b>{label}</b>
        <ul>
          {reasons.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      </div>
    </Popover>
  );
}
