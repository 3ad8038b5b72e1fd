import { Icon } from "../signs/icons";
import "./cards.css";

export function CardSearch({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string;
  onChange(value: string): void;
}) {
  return (
    <div className="card-search">
      <div className="inp">
        <Icon name="search" isSmall />
        <input
          type="text"
          placeholder={label}
          aria-label={label}
          autoComplete="off"
          spellCheck={false}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          onKeyDown={(event) => event.key === "Escape" && onChange("")}
        />
        {value && (
          <button
            type="button"
            className="btn q sm ico"
            aria-label="Clear search"
            onClick={() => onChange("")}
          >
            <Icon name="x" isSmall />
          </button>
        )}
      </div>
    </div>
  );
}
