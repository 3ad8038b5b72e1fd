/**
 * A field for a user's name, which offers the first users that match what is typed; the server looks for them.
 */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type UserMatch, userMatchesQuery } from "@/api/people/users";
import { Combobox } from "@/ui/fields/combobox";
import { useSettled } from "@/ui/hooks/use-settled";
import { Person } from "../person";
import "./people.css";

interface UserFieldProps {
  readonly label: string;
  readonly text: string;
  readonly error?: string | null;
  readonly autoFocus?: boolean;
  readonly placeholder?: string;
  /** Service accounts are not offered. */
  readonly peopleOnly?: boolean;
  onText(text: string): void;
}

export function UserField({ peopleOnly = false, text, error, onText, ...rest }: UserFieldProps) {
  const matches = useUserMatches(text).filter(({ team }) => !peopleOnly || team === null);
  return (
    <div className="user-field">
      <Combobox
        {...rest}
        text={text}
        error={error}
        note={error}
        suggestions={matches.map(userSuggestion)}
        nothing={null}
        onText={onText}
        onChoose={onText}
      />
    </div>
  );
}

/** The first users that match what is typed; while the server looks, those of its last answer that still do. */
export function useUserMatches(text: string, isEnabled = true): readonly UserMatch[] {
  const typed = text.trim();
  const settled = useSettled(typed);
  const { data = [], isPlaceholderData } = useQuery({
    ...userMatchesQuery(settled),
    enabled: isEnabled && settled !== "",
    placeholderData: keepPreviousData,
  });
  if (typed === "") return [];
  if (typed === settled && !isPlaceholderData) return data;
  const needle = typed.toLowerCase();
  return data.filter(({ name, display_name }) => `${name} ${display_name}`.toLowerCase().includes(needle));
}

/** A user as an entry of a list of suggestions. */
export function userSuggestion({ name, display_name, is_disabled, team }: UserMatch) {
  const kind = is_disabled ? "disabled" : team !== null ? `service account of ${team}` : null;
  return {
    value: name,
    label: <Person user={name} displayName={display_name} size="sm" />,
    meta: kind ?? (display_name ? name : undefined),
  };
}
