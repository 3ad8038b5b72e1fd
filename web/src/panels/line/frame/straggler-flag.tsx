import { Icon } from "@/ui/signs/icons";

/** The flag of a writer whose curve lies off the others. */
export default function StragglerFlag({
  name,
  off,
  onClick,
}: {
  name: string;
  off: number;
  onClick(): void;
}) {
  const percent = `${Math.round(Math.abs(off) * 100)} %`;
  const side = off > 0 ? "above" : "below";
  return (
    <button
      type="button"
      className="flag wrn"
      title={`${name} lies ${percent} ${side} the others' median, over all that is shown`}
      onClick={onClick}
    >
      <Icon name="warn" isSmall />
      {name} {off > 0 ? "+" : "\u2212"}
      {percent}
    </button>
  );
}
